import { hasMasked, valueAt } from "./attribute-value.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";
import type { Attributes, ChangeKind } from "./terraform-plan.ts";

/** The data that is deleted with a resource, by its type. */
const dataOf: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "its logs",
  aws_ecr_repository: "its images",
  aws_sqs_queue: "its messages",
  aws_s3_bucket: "its objects",
  aws_dynamodb_table: "its items",
};

/** How a resource and its data are deleted. */
const destructions: Partial<Record<ChangeKind, string>> = {
  delete: "deleted",
  replace: "replaced",
};

/** Strengths of encryption, the weakest first. */
const strengths = ["no encryption", "an AWS owned key", "a KMS key"] as const;

/** Index into {@link strengths} by resource type. A key that is known only after the apply counts. */
const encryptionStrength: Readonly<
  Record<string, (attributes: Attributes, unknown: unknown) => 0 | 1 | 2>
> = {
  aws_cloudwatch_log_group: (attributes, unknown) =>
    hasKey(attributes, unknown, "kms_key_id") ? 2 : 1,
  aws_lambda_function: (attributes, unknown) =>
    hasKey(attributes, unknown, "kms_key_arn") ? 2 : 1,
  aws_ecr_repository: (attributes) => {
    const type = valueAt(attributes, ["encryption_configuration", 0, "encryption_type"]);
    return String(type).startsWith("KMS") ? 2 : 1;
  },
  aws_sqs_queue: (attributes, unknown) => {
    if (hasKey(attributes, unknown, "kms_master_key_id")) return 2;
    return attributes.sqs_managed_sse_enabled ? 1 : 0;
  },
};

const digest = /@sha256:[0-9a-f]{64}$/;

/** Rules on lost data and roles, missing expiry, weaker encryption and images without a digest. */
export const resourceRules: readonly Rule[] = [
  {
    id: "data-lost",
    severity: "danger",
    title: "a resource deleted together with its data",
    find: ({ type, kind }) => {
      const [data, destruction] = [dataOf[type], destructions[kind]];
      return data && destruction ? [`${destruction}: ${data} are lost`] : [];
    },
  },
  {
    id: "role-lost",
    severity: "danger",
    title: "a role deleted or replaced, which a running function may need",
    find: ({ type, kind }) => {
      const destruction = type === "aws_iam_role" && destructions[kind];
      return destruction ? [`${destruction}: what uses it loses its rights`] : [];
    },
  },
  {
    id: "retention-removed",
    severity: "warning",
    title: "data that no longer expires",
    find: (change) => {
      if (change.type === "aws_ecr_lifecycle_policy" && change.kind === "delete") {
        return ["the lifecycle policy is deleted: old images are kept and billed"];
      }
      if (change.type !== "aws_cloudwatch_log_group" || !isMadeOrChanged(change)) return [];
      const isNew = change.kind === "create" || retentionDays(change.before) > 0;
      return isNew && retentionDays(change.after) === 0
        ? ["retention_in_days: logs are never deleted"]
        : [];
    },
  },
  {
    id: "encryption-dropped",
    severity: "danger",
    title: "weaker encryption",
    find: ({ type, kind, before, after, unknown }) => {
      const strengthOf = encryptionStrength[type];
      if (strengthOf === undefined || (kind !== "update" && kind !== "replace")) return [];
      const [old, next] = [strengthOf(before, {}), strengthOf(after, unknown)];
      return next < old ? [`from ${strengths[old]} to ${strengths[next]}`] : [];
    },
  },
  {
    id: "image-by-tag",
    severity: "danger",
    title: "an image referenced by a tag, which can move",
    find: (change) => {
      if (change.type !== "aws_lambda_function" || !isMadeOrChanged(change)) return [];
      if (hasMasked(change.unknown, ["image_uri"])) {
        return ["image_uri is known only after the apply"];
      }
      const { image_uri: image } = change.after;
      if (typeof image !== "string" || image === change.before.image_uri) return [];
      return digest.test(image) ? [] : [`${image} has no digest`];
    },
  },
];

function hasKey(attributes: Attributes, unknown: unknown, name: string): boolean {
  return hasMasked(unknown, [name]) || Boolean(attributes[name]);
}

function retentionDays({ retention_in_days: days }: Attributes): number {
  return typeof days === "number" ? days : 0;
}
