import { UserError } from "../../../model/user-error.ts";
import { resourceName } from "../../../stacks/resource-names.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { setupsOf, versionsOf } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import { type CostFacts, estimateText, worstCaseUsd } from "./cost-estimate.ts";

/** What will be deployed and measured, and what it costs. */
export function planText(settings: BenchmarkSettings, config: StackConfig): string {
  const { memoryMiB, engines, tokens, warmSamples, coldSamples } = settings;
  const setups = setupsOf(settings);
  const versions = setups.flatMap((setup) => versionsOf(settings, setup)).length;
  const snapStart = config.snapStart
    ? "; SnapStart's charges for the cached snapshot of each version and for each restore"
    : "";
  return [
    `${resourceName(config, "function")} in ${config.region}, ${config.architecture}, SnapStart ${config.snapStart ? "on" : "off"}: deployed for this benchmark alone, changed ${setups.length - 1} times, then destroyed`,
    `${memoryMiB.join(", ")} MB × ${engines.join(", ")} × ${tokens.join(", ")} tokens × ${warmSamples} warm and ${coldSamples} cold calls, in ${versions} published versions`,
    ...(settings.isQuick
      ? ["QUICK=1: too few samples to conclude anything from; the report says so"]
      : []),
    "",
    estimateText(settings, config),
    `NOT INCLUDED: the image's registry while it exists (about 0.1 USD per GB and month)${snapStart}.`,
    "",
  ].join("\n");
}

/** @throws UserError when the budget does not cover a single call */
export function requireAffordable(
  { memoryMiB, budgetUsd }: BenchmarkSettings,
  facts: CostFacts,
): void {
  const smallest = Math.min(...memoryMiB);
  const oneUsd = worstCaseUsd(facts, smallest);
  if (oneUsd <= budgetUsd) return;
  throw new UserError(
    `BUDGET_USD=${budgetUsd}: a single call of ${smallest} MB may cost ${oneUsd.toFixed(4)} USD; allow more. Nothing was measured.`,
  );
}
