import { awsFailure } from "../../../../scripts/deploy/aws-failure.ts";
import { terraformAdvice } from "../../../../scripts/deploy/terraform-failure.ts";

describe("awsFailure", () => {
  it.each([
    ["CredentialsProviderError", "no AWS credentials were found"],
    ["TokenProviderError", "have expired"],
    ["ExpiredToken", "have expired"],
    ["ExpiredTokenException", "have expired"],
    ["InvalidClientTokenId", "does not know these credentials"],
    ["UnrecognizedClientException", "region is not enabled"],
    ["SignatureDoesNotMatch", "the clock"],
    ["AccessDenied", "the permission named above"],
    ["AccessDeniedException", "the permission named above"],
    ["Throttling", "wait a minute"],
    ["ThrottlingException", "wait a minute"],
    ["TooManyRequestsException", "concurrency limit"],
    ["ResourceNotFoundException", "`make deploy` creates it"],
    ["TimeoutError", "no answer in time"],
  ])("says what to do about %s", (name, expected) => {
    const error = Object.assign(new Error("AWS's words"), { name });

    const { message } = awsFailure("doing it", error);

    expect(message).toMatch(/^doing it: AWS's words\n {2}/);
    expect(message).toContain(expected);
  });

  it.each([
    [
      "its code",
      Object.assign(new Error("x"), { code: "ENOTFOUND" }),
      "no such service in this region",
    ],
    ["its text", new Error("wrapped: getaddrinfo EAI_AGAIN host"), "name server"],
    [
      "its wrapper",
      new Error("AWS SDK error wrapper for TimeoutError: hang up"),
      "no answer in time",
    ],
    ["its text as well", new Error("connect ECONNREFUSED 127.0.0.1:9"), "nothing listens there"],
  ])("knows a system error by %s", (_name, error, expected) => {
    expect(awsFailure("doing it", error).message).toContain(expected);
  });

  it("keeps AWS's words for an unknown error", () => {
    expect(awsFailure("doing it", new Error("something new")).message).toBe(
      "doing it: something new",
    );
  });
});

describe("terraformAdvice", () => {
  const run = { name: "OpenTofu", inFolder: "tofu -chdir=a/b", variables: [] };

  it.each([
    ["Error: Error acquiring the state lock", "`tofu -chdir=a/b force-unlock ID`"],
    ["Error: Saved plan is stale", "make plan"],
    ["Error: Backend configuration changed", "`tofu -chdir=a/b init -migrate-state`"],
    [
      "EntityAlreadyExists: Role with name x already exists",
      "`tofu -chdir=a/b import ADDRESS NAME`",
    ],
    ["RepositoryAlreadyExistsException", "import ADDRESS NAME"],
    ["ExpiredToken: The security token included in the request is expired", "sign in again"],
    [
      "Error: No valid credential sources found",
      "OpenTofu finds no AWS credentials: set AWS_PROFILE",
    ],
    ["decreases account's UnreservedConcurrentExecution below", "LAMBDA_CONCURRENCY_LIMIT"],
    ["'MemorySize' value failed to satisfy constraint", "LAMBDA_MEMORY_SIZE=3008"],
    ["User is not authorized to perform: iam:CreateRole", "the permission named above"],
    ["Error: Failed to query available provider packages", "plugin mirror"],
    ["ThrottlingException: Rate exceeded", "wait a minute"],
  ])("says what to do about: %s", (words, expected) => {
    expect(terraformAdvice(words, run)).toContain(expected);
  });

  it("adds nothing to an unknown error", () => {
    expect(terraformAdvice("Error: something new", run)).toBe("");
  });
});
