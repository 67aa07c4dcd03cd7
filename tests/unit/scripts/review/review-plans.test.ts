import { fillUnknownPolicies } from "../../../../scripts/review/fill-unknown-policies.ts";
import { exitCodeOf, reviewPlans, rules } from "../../../../scripts/review/review-plans.ts";
import { recordedPlan } from "../../../helpers/recorded-plan.ts";
import { synthesizedText } from "../../../helpers/stack-config.ts";

const today = "2026-11-23";

/** `rule resource-type: message`, sorted. */
function found(...names: string[]): string[] {
  return reviewPlans(names.map(recordedPlan), [], today)
    .findings.map(({ rule, address, message }) => `${rule} ${address.split(".")[0]}: ${message}`)
    .toSorted();
}

const queue = "arn:aws:sqs:us-east-1:123456789012:bitnet-lambda-dev-dead-letters";
const images = "123456789012.dkr.ecr.us-east-1.amazonaws.com/bitnet-lambda-dev-images";

describe("reviewPlans", () => {
  it("finds every danger planted in the service, and nothing else", () => {
    expect(found("service-every-danger")).toEqual([
      "batch-spending aws_sfn_state_machine: 5 → 50 functions at once: at most $288.00 for each day that a run takes",
      "bucket-keeps aws_s3_bucket_lifecycle_configuration: the lifecycle configuration is deleted: objects no longer expire",
      "bucket-opened aws_s3_bucket_public_access_block: block_public_policy = false",
      "data-lost aws_cloudwatch_log_group: replaced: its logs are lost",
      "encryption-dropped aws_cloudwatch_log_group: from a KMS key to an AWS owned key",
      "encryption-dropped aws_sqs_queue: from an AWS owned key to no encryption",
      "external-account aws_iam_role: arn:aws:iam::999999999999:root may sts:AssumeRole",
      `image-by-tag aws_lambda_function: ${images}:latest has no digest`,
      "open-cors aws_lambda_function_url: origin *",
      "public-policy aws_lambda_permission: everyone may lambda:InvokeFunctionUrl",
      "public-policy aws_sqs_queue: everyone may sqs:SendMessage",
      "public-url aws_lambda_function_url: authorization_type NONE: AWS admits every caller; only the API key protects the function",
      "retention-removed aws_cloudwatch_log_group: retention_in_days: logs are never deleted",
      "role-grows aws_iam_role: arn:aws:iam::999999999999:root may assume it",
      "role-grows aws_iam_role_policy: s3:* on *",
      `role-grows aws_iam_role_policy: sqs:ReceiveMessage on ${queue}`,
      "role-grows aws_iam_role_policy_attachment: arn:aws:iam::aws:policy/AmazonS3FullAccess",
      "snapshot-cost aws_lambda_function: $15.82 per month for each published version that is kept, $0.56 per 1,000 cold starts",
      "spending-limit-raised aws_lambda_function: at most $28.80 per day (5 environments) before, $288.00 per day (50 environments) after",
      "standing-cost aws_lambda_provisioned_concurrency_config: 0 → 2 environments kept warm: $0.00 → $87.60 per month while idle, $2.32 → $1.35 per million tokens",
      "tokens-cost-more aws_lambda_function: $2.17 (3008 MB x86_64, 23 tokens/s) → $2.32 (4096 MB x86_64, 29 tokens/s) per million tokens",
      "unknown-policy aws_iam_policy: policy is known only after the apply",
      "wildcard-action aws_iam_role_policy: action s3:*",
      "wildcard-action aws_iam_role_policy_attachment: arn:aws:iam::aws:policy/AmazonS3FullAccess",
      "wildcard-resource aws_iam_role_policy: resource *",
    ]);
  });

  it("finds every danger planted in the registry, and nothing else", () => {
    expect(found("registry-every-danger")).toEqual([
      "data-lost aws_ecr_repository: replaced: its images are lost",
      "encryption-dropped aws_ecr_repository: from a KMS key to an AWS owned key",
      "public-policy aws_ecr_repository_policy: everyone may ecr:*",
      "retention-removed aws_ecr_lifecycle_policy: the lifecycle policy is deleted: old images are kept and billed",
      "wildcard-action aws_ecr_repository_policy: action ecr:*",
    ]);
  });

  it("has a planted danger for every rule", () => {
    const names = ["service-every-danger", "registry-every-danger", "service-destroy"];
    const { findings } = reviewPlans(names.map(recordedPlan), [], today);

    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ id }) => id)));
  });

  it.each([
    "registry-first-deploy",
    "service-no-changes",
    "service-new-image",
    "terraform-data-create",
    "terraform-data-change",
    "terraform-data-destroy",
  ])("has no finding in %s", (name) => {
    expect(found(name)).toEqual([]);
  });

  it("finds only the cost of tokens in a plan that is safer and changes to arm64", () => {
    expect(found("service-safer")).toEqual([
      expect.stringMatching(/^tokens-cost-more aws_lambda_function: \$2\.32 .* → \$4\.42 /),
    ]);
  });

  it("finds the data that a destruction deletes", () => {
    expect(found("service-destroy", "registry-destroy")).toEqual([
      "data-lost aws_cloudwatch_log_group: deleted: its logs are lost",
      "data-lost aws_ecr_repository: deleted: its images are lost",
      "data-lost aws_sqs_queue: deleted: its messages are lost",
      "retention-removed aws_ecr_lifecycle_policy: the lifecycle policy is deleted: old images are kept and billed",
      "role-lost aws_iam_role: deleted: what uses it loses its rights",
    ]);
  });

  it("reviews the policies of a first deployment by the synthesized stack", () => {
    const plan = recordedPlan("service-first-deploy");
    const stack = synthesizedText("service");
    const wide = stack.replace("sqs:SendMessage", "sqs:*");
    const findings = (text: string) =>
      reviewPlans([fillUnknownPolicies(plan, text)], [], today).findings.map(
        ({ rule, message }) => `${rule}: ${message}`,
      );

    expect(found("service-first-deploy")).toEqual([
      "unknown-policy aws_iam_role_policy: policy is known only after the apply",
    ]);
    expect(findings(stack)).toEqual([]);
    expect(findings(wide)).toEqual(["wildcard-action: action sqs:*"]);
  });

  it("lists the worst first", () => {
    const { findings } = reviewPlans([recordedPlan("service-every-danger")], [], today);
    const severities = findings.map(({ severity }) => severity);

    expect(severities.join(" ")).toMatch(/^(danger ?)+(warning ?)+$/);
  });
});

describe("accepted findings", () => {
  const entry = {
    rule: "public-url",
    stack: "service-every-danger",
    address: "aws_lambda_function_url.url_url_3A2B1C4D",
    reason: "a public demonstration for a week",
    expires: today,
  };
  const plan = recordedPlan("service-every-danger");
  const resources = plan.resources
    .filter(({ type }) => type === "aws_lambda_function_url")
    .map((change) => ({ ...change, after: { ...change.after, cors: [] } }));
  const onlyUrl = { ...plan, resources };

  it.each([
    ["it is not accepted", [], 1],
    ["it is accepted until today", [entry], 0],
    ["it was accepted until yesterday", [{ ...entry, expires: "2026-11-22" }], 1],
    ["another rule is accepted", [{ ...entry, rule: "open-cors" }], 1],
    ["it is accepted for another stack", [{ ...entry, stack: "service" }], 1],
    ["it is accepted for another resource", [{ ...entry, address: "a.b" }], 1],
  ])("when %s", (_name, accepted, exitCode) => {
    expect(exitCodeOf(reviewPlans([onlyUrl], accepted, today), "danger")).toBe(exitCode);
  });

  it("that no longer occur are listed, except those of stacks that are not reviewed", () => {
    const elsewhere = { ...entry, stack: "another" };
    const stale = { ...entry, rule: "data-lost" };

    expect(reviewPlans([onlyUrl], [entry, elsewhere, stale], today).unneeded).toEqual([stale]);
  });
});

test.each([
  ["danger", 0],
  ["warning", 1],
  ["note", 1],
] as const)("a warning, failing on a %s, has the exit code %d", (failOn, exitCode) => {
  const review = reviewPlans([recordedPlan("service-first-deploy")], [], today);

  expect(exitCodeOf(review, failOn)).toBe(exitCode);
});
