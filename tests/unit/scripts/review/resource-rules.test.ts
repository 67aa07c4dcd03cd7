import { resourceRules } from "../../../../scripts/review/resource-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange } from "../../../helpers/plan-change.ts";

function rulesFor(change: ResourceChange): string[] {
  const plan = { stack: "stack", resources: [change], drifted: [] };
  return resourceRules.filter(({ find }) => find(change, plan).length > 0).map(({ id }) => id);
}

const logs = "aws_cloudwatch_log_group";
const repository = "aws_ecr_repository";
const queue = "aws_sqs_queue";
const kept = { retention_in_days: 14 };
const kms = (type: string) => ({ encryption_configuration: [{ encryption_type: type }] });

describe("data and encryption", () => {
  it.each([
    ["logs deleted", logs, { kind: "delete", before: kept }, ["data-lost"]],
    ["logs replaced", logs, { kind: "replace", before: kept, after: kept }, ["data-lost"]],
    ["logs left to others", logs, { kind: "forget", before: kept }, []],
    ["images deleted", repository, { kind: "delete" }, ["data-lost"]],
    ["a queue deleted", queue, { kind: "delete" }, ["data-lost"]],
    ["an alarm deleted", "aws_cloudwatch_metric_alarm", { kind: "delete" }, []],
    [
      "retention removed",
      logs,
      { before: kept, after: { retention_in_days: 0 } },
      ["retention-removed"],
    ],
    ["retention not told", logs, { before: kept, after: {} }, ["retention-removed"]],
    ["retention shortened", logs, { before: kept, after: { retention_in_days: 1 } }, []],
    ["logs made without an end", logs, { kind: "create", after: {} }, ["retention-removed"]],
    ["logs that never had one", logs, { before: {}, after: {} }, []],
    [
      "the images' rule deleted",
      "aws_ecr_lifecycle_policy",
      { kind: "delete" },
      ["retention-removed"],
    ],
    [
      "logs without their key",
      logs,
      { before: { ...kept, kms_key_id: "k" }, after: { ...kept, kms_key_id: "" } },
      ["encryption-dropped"],
    ],
    [
      "logs with another key",
      logs,
      { before: { ...kept, kms_key_id: "k" }, after: { ...kept, kms_key_id: "l" } },
      [],
    ],
    [
      "logs with a key that is still to be made",
      logs,
      { before: { ...kept, kms_key_id: "k" }, after: kept, unknown: { kms_key_id: true } },
      [],
    ],
    [
      "images from KMS to AES256",
      repository,
      { before: kms("KMS"), after: kms("AES256") },
      ["encryption-dropped"],
    ],
    [
      "images from KMS to nothing said",
      repository,
      { before: kms("KMS_DSSE"), after: {} },
      ["encryption-dropped"],
    ],
    ["images from AES256 to KMS", repository, { before: kms("AES256"), after: kms("KMS") }, []],
    [
      "a queue in the clear",
      queue,
      { before: { sqs_managed_sse_enabled: true }, after: { sqs_managed_sse_enabled: false } },
      ["encryption-dropped"],
    ],
    [
      "a queue from a KMS key to AWS's",
      queue,
      { before: { kms_master_key_id: "k" }, after: { sqs_managed_sse_enabled: true } },
      ["encryption-dropped"],
    ],
    [
      "a function without its key",
      "aws_lambda_function",
      { before: { kms_key_arn: "k" }, after: {} },
      ["encryption-dropped"],
    ],
  ] as const)("%s", (_name, type, change, rules) => {
    expect(rulesFor(planChange(type, change as Partial<ResourceChange>))).toEqual(rules);
  });
});

const digest = `repository@sha256:${"0".repeat(64)}`;

describe("image-by-tag", () => {
  it.each([
    ["a digest", { after: { image_uri: digest } }, []],
    ["a digest and more", { after: { image_uri: `${digest}0` } }, [`${digest}0 has no digest`]],
    ["a tag", { after: { image_uri: "repository:1" } }, ["repository:1 has no digest"]],
    ["the same tag as before", { before: { image_uri: "r:1" }, after: { image_uri: "r:1" } }, []],
    [
      "an image known only after the apply",
      { unknown: { image_uri: true } },
      ["image_uri is known only after the apply"],
    ],
    ["a deleted function", { kind: "delete", before: { image_uri: "r:1" } }, []],
  ] as const)("%s", (_name, change, found) => {
    const inference = planChange("aws_lambda_function", change);
    const plan = { stack: "stack", resources: [inference], drifted: [] };

    expect(resourceRules.flatMap(({ find }) => find(inference, plan))).toEqual(found);
  });
});
