import { encryptionStrength } from "./encryption-strength.ts";
import { isDestroyed, isMadeOrChanged, type Rule } from "./rule.ts";
import type { Attributes } from "./terraform-plan.ts";

/** What is gone with a resource, by its type. */
const heldBy: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "its logs",
  aws_ecr_repository: "its images",
  aws_sqs_queue: "the messages in it",
  aws_s3_bucket: "its objects",
  aws_dynamodb_table: "its items",
};

/** What is lost: data, the end of their keeping, the lock on them. */
export const lossRules: readonly Rule[] = [
  {
    id: "data-lost",
    severity: "danger",
    title: "something about to be deleted with what it holds",
    find: (change) => {
      const held = heldBy[change.type];
      if (held === undefined || !isDestroyed(change)) return [];
      return [`${change.kind === "replace" ? "replaced" : "deleted"}: ${held} will be gone`];
    },
  },
  {
    id: "retention-removed",
    severity: "warning",
    title: "something that is kept forever from now on",
    find: (change) => {
      if (change.type === "aws_ecr_lifecycle_policy" && change.kind === "delete") {
        return ["the rule that expires old images goes: all are kept and paid for"];
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
    title: "something whose encryption becomes weaker",
    find: (change) => {
      const strengthOf = encryptionStrength[change.type];
      if (strengthOf === undefined || change.kind === "create" || change.kind === "keep") return [];
      if (change.kind === "delete" || change.kind === "forget") return [];
      const before = strengthOf(change.before, {});
      const after = strengthOf(change.after, change.unknown);
      return after < before ? [`from ${strengthNames[before]} to ${strengthNames[after]}`] : [];
    },
  },
];

const strengthNames = ["no encryption", "AWS's own key", "a KMS key"] as const;

function retentionDays({ retention_in_days: days }: Attributes): number {
  return typeof days === "number" ? days : 0;
}
