import { UserError } from "../../../model/user-error.ts";
import { benchmarkVisits } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import { estimateText, worstCaseUsd } from "./cost-estimate.ts";
import type { FunctionState } from "./function-state.ts";

/** What will be done and what it costs, before anybody is asked. */
export function planText(
  settings: BenchmarkSettings,
  original: FunctionState,
  region: string,
): string {
  const { memoryMiB, engines, tokens, warmSamples, coldSamples, isQuick } = settings;
  return [
    `${original.name} in ${region}, ${original.architecture}, SnapStart ${original.isSnapStart ? "on" : "off"}`,
    `${memoryMiB.join(", ")} MB × ${engines.join(", ")} × ${tokens.join(", ")} tokens × ${warmSamples} warm and ${coldSamples} cold calls, in ${benchmarkVisits(settings).length} published versions, which are deleted again`,
    ...(isQuick ? ["QUICK=1: too few samples to conclude anything from; the report says so"] : []),
    "",
    estimateText(settings, original),
    ...(original.isSnapStart
      ? [
          "NOT INCLUDED: what SnapStart charges for the cached snapshot of each version and for each restore.",
        ]
      : []),
    "Callers of the alias are not touched, but for their share of the concurrency: one call at a time. Do not deploy meanwhile.",
    "",
  ].join("\n");
}

/** @throws UserError when not even one call can be paid for */
export function requireAffordable(
  { memoryMiB, budgetUsd }: BenchmarkSettings,
  original: FunctionState,
): void {
  const smallest = Math.min(...memoryMiB);
  const oneUsd = worstCaseUsd(original, smallest);
  if (oneUsd <= budgetUsd) return;
  throw new UserError(
    `BUDGET_USD=${budgetUsd}: a single call of ${smallest} MB may cost ${oneUsd.toFixed(4)} USD; allow more. Nothing was measured.`,
  );
}
