import { awsFailure } from "../../../../scripts/deploy/aws-failure.ts";
import { terraformAdvice, terraformWords } from "../../../../scripts/deploy/terraform-failure.ts";

const named = (properties: object) => Object.assign(new Error("AWS's words"), properties);

describe("awsFailure", () => {
  it.each([
    [named({ name: "CredentialsProviderError" }), "no AWS credentials were found"],
    [named({ name: "TokenProviderError" }), "have expired"],
    [named({ name: "ExpiredToken" }), "have expired"],
    [named({ name: "ExpiredTokenException" }), "have expired"],
    [named({ name: "InvalidClientTokenId" }), "does not know these credentials"],
    [named({ name: "UnrecognizedClientException" }), "region is not enabled"],
    [named({ name: "SignatureDoesNotMatch" }), "the clock"],
    [named({ name: "AccessDenied" }), "the permission named above"],
    [named({ name: "AccessDeniedException" }), "the permission named above"],
    [named({ name: "Throttling" }), "wait a minute"],
    [named({ name: "ThrottlingException" }), "wait a minute"],
    [named({ name: "TooManyRequestsException" }), "concurrency limit"],
    [named({ name: "ResourceNotFoundException" }), "`make deploy` creates it"],
    [named({ name: "TimeoutError" }), "no answer in time"],
    [named({ code: "ENOTFOUND" }), "no such service in this region"],
    [new Error("wrapped: getaddrinfo EAI_AGAIN host"), "name server"],
    [new Error("AWS SDK error wrapper for TimeoutError: hang up"), "no answer in time"],
    [new Error("connect ECONNREFUSED 127.0.0.1:9"), "nothing listens there"],
  ])("says what to do about %s", (error, advice) => {
    const [first, second] = awsFailure("doing it", error).message.split("\n  ");

    expect(first).toBe(`doing it: ${error.message}`);
    expect(second).toContain(advice);
  });

  it("keeps AWS's words for an unknown error", () => {
    expect(awsFailure("doing it", new Error("new")).message).toBe("doing it: new");
  });
});

describe("terraformAdvice", () => {
  const run = { name: "OpenTofu", inFolder: "tofu -chdir=a/b", variables: [] };

  it.each([
    ["Error acquiring the state lock", "`tofu -chdir=a/b force-unlock ID`"],
    ["Error: Saved plan is stale", "make plan"],
    ["Backend configuration changed", "`tofu -chdir=a/b init -migrate-state`"],
    ["EntityAlreadyExists: Role x already exists", "`tofu -chdir=a/b import ADDRESS NAME`"],
    ["RepositoryAlreadyExistsException", "import ADDRESS NAME"],
    ["ExpiredToken: The security token included in the request is expired", "sign in again"],
    ["No valid credential sources found", "OpenTofu finds no AWS credentials: set AWS_PROFILE"],
    ["decreases account's UnreservedConcurrentExecution below", "LAMBDA_CONCURRENCY_LIMIT"],
    ["'MemorySize' value failed to satisfy constraint", "LAMBDA_MEMORY_SIZE=3008"],
    ["User is not authorized to perform: iam:CreateRole", "the permission named above"],
    ["Error: Failed to query available provider packages", "plugin mirror"],
    ["ThrottlingException: Rate exceeded", "wait a minute"],
  ])("says what to do about: %s", (words, advice) => {
    expect(terraformAdvice(words, run)).toContain(advice);
  });

  it("adds nothing to an unknown error", () => {
    expect(terraformAdvice("Error: something new", run)).toBe("");
  });

  it("takes nothing from the stack, which Terraform quotes as one long line", () => {
    const stderr = [
      "Error: creating the state machine: something new",
      "",
      "  on cdk.tf.json line 1, in resource.aws_sfn_state_machine.machine:",
      '   1: {"resource":{"retry":["Lambda.TooManyRequestsException"]}}',
    ].join("\n");

    const words = terraformWords(stderr);

    expect(words.split("\n")).toEqual(stderr.split("\n").slice(0, 3));
    expect(terraformAdvice(words, run)).toBe("");
  });
});
