import { resourceRules } from "../../../../scripts/review/resource-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { findingsOf, planChange, ruleIdsFor } from "../../../helpers/plan-change.ts";

type Case = readonly [name: string, type: string, change: Partial<ResourceChange>];

function ruleIds(type: string, change: Partial<ResourceChange>): string[] {
  return ruleIdsFor(resourceRules, planChange(type, change));
}

const logs = "aws_cloudwatch_log_group";
const repository = "aws_ecr_repository";
const queue = "aws_sqs_queue";
const inference = "aws_lambda_function";
const kept = (days: number, key?: string) => ({ retention_in_days: days, kms_key_id: key });
const kms = (type: string) => ({ encryption_configuration: [{ encryption_type: type }] });
const managed = (sqs_managed_sse_enabled: boolean) => ({ sqs_managed_sse_enabled });

describe("data-lost", () => {
  it.each<Case>([
    ["logs deleted", logs, { kind: "delete", before: kept(14) }],
    ["logs replaced", logs, { kind: "replace", before: kept(14), after: kept(14) }],
    ["images deleted", repository, { kind: "delete" }],
    ["a queue deleted", queue, { kind: "delete" }],
  ])("%s", (_name, type, change) => {
    expect(ruleIds(type, change)).toEqual(["data-lost"]);
  });
});

describe("role-lost", () => {
  const role = { name: "role" };

  it.each([
    ["deleted", { kind: "delete", before: role }, ["role-lost"]],
    ["replaced", { kind: "replace", before: role, after: { name: "other" } }, ["role-lost"]],
    ["updated", { kind: "update", before: role, after: role }, []],
    ["created", { kind: "create", after: role }, []],
  ] as const)("a role that is %s", (_name, change, rules) => {
    expect(ruleIds("aws_iam_role", change)).toEqual(rules);
  });
});

describe("retention-removed", () => {
  it.each<Case>([
    ["retention removed", logs, { before: kept(14), after: kept(0) }],
    ["retention not reported", logs, { before: kept(14), after: {} }],
    ["logs created without retention", logs, { kind: "create", after: {} }],
    ["the lifecycle policy deleted", "aws_ecr_lifecycle_policy", { kind: "delete" }],
  ])("%s", (_name, type, change) => {
    expect(ruleIds(type, change)).toEqual(["retention-removed"]);
  });
});

describe("encryption-dropped", () => {
  it.each<Case>([
    ["logs without their key", logs, { before: kept(14, "k"), after: kept(14, "") }],
    ["images from KMS to AES256", repository, { before: kms("KMS"), after: kms("AES256") }],
    ["images from KMS to the default", repository, { before: kms("KMS_DSSE"), after: {} }],
    ["a queue unencrypted", queue, { before: managed(true), after: managed(false) }],
    [
      "a queue from a KMS key to AWS's",
      queue,
      { before: { kms_master_key_id: "k" }, after: managed(true) },
    ],
    ["a function without its key", inference, { before: { kms_key_arn: "k" }, after: {} }],
  ])("%s", (_name, type, change) => {
    expect(ruleIds(type, change)).toEqual(["encryption-dropped"]);
  });
});

describe("no finding", () => {
  it.each<Case>([
    ["logs no longer managed", logs, { kind: "forget", before: kept(14) }],
    ["an alarm deleted", "aws_cloudwatch_metric_alarm", { kind: "delete" }],
    ["retention shortened", logs, { before: kept(14), after: kept(1) }],
    ["logs that never had retention", logs, { before: {}, after: {} }],
    ["logs with another key", logs, { before: kept(14, "k"), after: kept(14, "l") }],
    [
      "logs with a key that is still to be created",
      logs,
      { before: kept(14, "k"), after: kept(14), unknown: { kms_key_id: true } },
    ],
    ["images from AES256 to KMS", repository, { before: kms("AES256"), after: kms("KMS") }],
  ])("%s", (_name, type, change) => {
    expect(ruleIds(type, change)).toEqual([]);
  });
});

describe("image-by-tag", () => {
  const digest = `repository@sha256:${"0".repeat(64)}`;
  const image = (image_uri: string) => ({ image_uri });

  it.each([
    ["a digest", { after: image(digest) }, []],
    ["a digest and more", { after: image(`${digest}0`) }, [`${digest}0 has no digest`]],
    ["a tag", { after: image("r:1") }, ["r:1 has no digest"]],
    ["the same tag as before", { before: image("r:1"), after: image("r:1") }, []],
    [
      "an image known only after the apply",
      { unknown: { image_uri: true } },
      ["image_uri is known only after the apply"],
    ],
    ["a deleted function", { kind: "delete", before: image("r:1") }, []],
  ] as const)("%s", (_name, change, messages) => {
    expect(findingsOf(resourceRules, planChange(inference, change))).toEqual(
      messages.map((message) => `image-by-tag: ${message}`),
    );
  });
});
