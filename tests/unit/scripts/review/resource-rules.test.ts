import { resourceRules } from "../../../../scripts/review/resource-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { findingsOf, planChange, ruleIdsFor } from "../../../helpers/plan-change.ts";

type Change = Partial<ResourceChange>;

const logs = "aws_cloudwatch_log_group";
const repository = "aws_ecr_repository";
const queue = "aws_sqs_queue";
const inference = "aws_lambda_function";
const kept = (retention_in_days: number) => ({ retention_in_days });
const key = (kms_key_id: string) => ({ ...kept(14), kms_key_id });
const kms = (type: string) => ({ encryption_configuration: [{ encryption_type: type }] });
const [aes, dsse] = [kms("AES256"), kms("KMS_DSSE")];
const sse = (sqs_managed_sse_enabled: boolean) => ({ sqs_managed_sse_enabled });
const [own, functionKey] = [{ kms_master_key_id: "k" }, { kms_key_arn: "k" }];

describe("resource rules", () => {
  const role = { name: "role" };

  it.each<[name: string, type: string, change: Change, rule?: string]>([
    ["logs deleted", logs, { kind: "delete", before: kept(14) }, "data-lost"],
    ["logs replaced", logs, { kind: "replace", before: kept(14), after: kept(14) }, "data-lost"],
    ["images deleted", repository, { kind: "delete" }, "data-lost"],
    ["a queue deleted", queue, { kind: "delete" }, "data-lost"],
    ["logs no longer managed", logs, { kind: "forget", before: kept(14) }],
    ["an alarm deleted", "aws_cloudwatch_metric_alarm", { kind: "delete" }],

    ["a role deleted", "aws_iam_role", { kind: "delete", before: role }, "role-lost"],
    ["a role replaced", "aws_iam_role", { kind: "replace", before: role }, "role-lost"],
    ["a role updated", "aws_iam_role", { before: role, after: role }],
    ["a role created", "aws_iam_role", { kind: "create", after: role }],

    ["retention removed", logs, { before: kept(14), after: kept(0) }, "retention-removed"],
    ["retention not reported", logs, { before: kept(14) }, "retention-removed"],
    ["logs without retention", logs, { kind: "create" }, "retention-removed"],
    ["no lifecycle", "aws_ecr_lifecycle_policy", { kind: "delete" }, "retention-removed"],
    ["retention shortened", logs, { before: kept(14), after: kept(1) }],
    ["logs that never had retention", logs, {}],

    ["logs losing their key", logs, { before: key("k"), after: key("") }, "encryption-dropped"],
    ["images losing KMS", repository, { before: kms("KMS"), after: aes }, "encryption-dropped"],
    ["images from KMS to the default", repository, { before: dsse }, "encryption-dropped"],
    ["a queue unencrypted", queue, { before: sse(true), after: sse(false) }, "encryption-dropped"],
    ["a queue losing its key", queue, { before: own, after: sse(true) }, "encryption-dropped"],
    ["a function losing its key", inference, { before: functionKey }, "encryption-dropped"],
    ["logs with another key", logs, { before: key("k"), after: key("l") }],
    [
      "logs with a key that is still to be created",
      logs,
      { before: key("k"), after: kept(14), unknown: { kms_key_id: true } },
    ],
    ["images from AES256 to KMS", repository, { before: aes, after: kms("KMS") }],
  ])("%s", (...[, type, change, rule]) => {
    const expected = rule === undefined ? [] : [rule];

    expect(ruleIdsFor(resourceRules, planChange(type, change))).toEqual(expected);
  });
});

describe("image-by-tag", () => {
  const digest = `repository@sha256:${"0".repeat(64)}`;
  const unknown = "image_uri is known only after the apply";
  const image = (image_uri: string) => ({ image_uri });

  it.each([
    ["a digest", { after: image(digest) }, []],
    ["a digest and more", { after: image(`${digest}0`) }, [`${digest}0 has no digest`]],
    ["a tag", { after: image("r:1") }, ["r:1 has no digest"]],
    ["the same tag as before", { before: image("r:1"), after: image("r:1") }, []],
    ["an unknown image", { unknown: { image_uri: true } }, [unknown]],
    ["a deleted function", { kind: "delete", before: image("r:1") }, []],
  ] as const)("%s", (_name, change, messages) => {
    expect(findingsOf(resourceRules, planChange(inference, change))).toEqual(
      messages.map((message) => `image-by-tag: ${message}`),
    );
  });
});
