import { sizingOf } from "./cost-rules.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";
import type { Attributes, TerraformPlan } from "./terraform-plan.ts";
import { usdPerDayAtMost } from "./token-cost.ts";

const accessBlocks = [
  "block_public_acls",
  "block_public_policy",
  "ignore_public_acls",
  "restrict_public_buckets",
] as const;

/** Rules on the bucket and the state machine of `make batch`. */
export const batchRules: readonly Rule[] = [
  {
    id: "bucket-opened",
    severity: "danger",
    title: "a bucket that may become public",
    find: (change) => {
      if (change.type !== "aws_s3_bucket_public_access_block") return [];
      if (change.kind === "delete") return ["nothing blocks public access to the bucket any more"];
      return accessBlocks
        .filter((name) => isMadeOrChanged(change) && change.after[name] === false)
        .map((name) => `${name} = false`);
    },
  },
  {
    id: "bucket-keeps",
    severity: "warning",
    title: "prompts and answers that are kept without an end",
    find: (change) =>
      change.type === "aws_s3_bucket_lifecycle_configuration" && change.kind === "delete"
        ? ["the lifecycle configuration is deleted: objects no longer expire"]
        : [],
  },
  {
    id: "batch-spending",
    severity: "warning",
    title: "more functions at once for batches, and so more that a run can spend",
    find: (change, plan) => {
      if (change.type !== "aws_sfn_state_machine" || !isMadeOrChanged(change)) return [];
      const [before, after] = [concurrencyOf(change.before), concurrencyOf(change.after)];
      return after > before
        ? [`${before} → ${after} functions at once${dailyText(after, plan)}`]
        : [];
    },
  },
];

/** `MaxConcurrency` of the machine's map; 0 where there is none. */
function concurrencyOf(attributes: Attributes | undefined): number {
  const definition = String(attributes?.definition ?? "");
  return Number(/"MaxConcurrency":\s*(\d+)/.exec(definition)?.[1] ?? 0);
}

function dailyText(places: number, { resources }: TerraformPlan): string {
  const inference = resources.find(({ type }) => type === "aws_lambda_function");
  const size = sizingOf(inference?.after);
  if (size === undefined) return "";
  return `: at most $${usdPerDayAtMost(size, places).toFixed(2)} for each day that a run takes`;
}
