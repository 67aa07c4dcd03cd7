import { billedGb, lambdaPrices, type Sizing, usdPerMonth } from "../../stacks/lambda-prices.ts";
import { valueAt } from "./attribute-value.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";
import type { Attributes, ResourceChange, TerraformPlan } from "./terraform-plan.ts";
import {
  provisionedUsdPerMillionTokens,
  tokensPerSecond,
  usdPerDayAtMost,
  usdPerMillionTokens,
  usdPerMonthWaiting,
} from "./token-cost.ts";

/** Smallest relative increase that is reported. */
const noticeable = 0.005;

/** Rules on higher costs and spending limits. */
export const costRules: readonly Rule[] = [
  {
    id: "tokens-cost-more",
    severity: "warning",
    title: "a size with a higher cost per token",
    find: (change) => {
      const sizes = changedSizes(change);
      if (sizes === undefined) return [];
      const [before, after] = sizes.map(usdPerMillionTokens) as [number, number];
      return after > before * (1 + noticeable) ? [costText(sizes)] : [];
    },
  },
  {
    id: "spending-limit-raised",
    severity: "warning",
    title: "a concurrency limit, and so a spending limit, raised or removed",
    find: (change) => {
      const size = sizingOf(change.after);
      if (change.type !== "aws_lambda_function" || change.kind !== "update" || !size) return [];
      const [before, after] = [reservedOf(change.before), reservedOf(change.after)];
      const text = `at most ${dailyText(size, before)} before, ${dailyText(size, after)} after`;
      return after > before ? [text] : [];
    },
  },
  {
    id: "standing-cost",
    severity: "warning",
    title: "environments that are billed while idle",
    find: (change, plan) => {
      if (change.type !== "aws_lambda_provisioned_concurrency_config") return [];
      const [before, after] = [provisionedOf(change.before), provisionedOf(change.after)];
      if (!isMadeOrChanged(change) || after <= before) return [];
      const size = sizingOf(functionNamed(change.after.function_name, plan));
      const text = `${before} → ${after} environments kept warm`;
      return [size ? `${text}: ${standingText(size, before, after)}` : text];
    },
  },
  {
    id: "snapshot-cost",
    severity: "warning",
    title: "SnapStart, whose snapshots are billed while idle",
    find: (change) => {
      if (change.type !== "aws_lambda_function" || !isMadeOrChanged(change)) return [];
      if (!takesSnapshots(change.after) || takesSnapshots(change.before)) return [];
      const size = sizingOf(change.after);
      return [size ? snapshotText(size) : "snapshots of published versions"];
    },
  },
];

/** The sizes of a function before and after the plan; `undefined` if they are the same. */
export function changedSizes(change: ResourceChange): [Sizing, Sizing] | undefined {
  if (change.type !== "aws_lambda_function") return undefined;
  const [before, after] = [sizingOf(change.before), sizingOf(change.after)];
  if (before === undefined || after === undefined) return undefined;
  const isSame = before.memoryMiB === after.memoryMiB && before.architecture === after.architecture;
  return isSame ? undefined : [before, after];
}

/** `$2.17 (…) → $2.95 (…) per million tokens`, with size and speed. */
export function costText([before, after]: readonly [Sizing, Sizing]): string {
  const side = (size: Sizing) =>
    `${usd(usdPerMillionTokens(size))} (${size.memoryMiB} MB ${size.architecture}, ${tokensPerSecond(size).toFixed(0)} tokens/s)`;
  return `${side(before)} → ${side(after)} per million tokens`;
}

/** The size that a function has, or will have; `undefined` where the plan does not say. */
export function sizingOf(attributes: Attributes | undefined): Sizing | undefined {
  const memoryMiB = attributes?.memory_size;
  const architecture = valueAt(attributes, ["architectures", 0]) ?? "x86_64";
  if (typeof memoryMiB !== "number") return undefined;
  return architecture === "x86_64" || architecture === "arm64"
    ? { memoryMiB, architecture }
    : undefined;
}

/** Reserved concurrency; the provider reports -1 for none. */
function reservedOf({ reserved_concurrent_executions: reserved }: Attributes): number {
  return typeof reserved === "number" && reserved >= 0 ? reserved : Number.POSITIVE_INFINITY;
}

function dailyText(size: Sizing, environments: number): string {
  if (environments === Number.POSITIVE_INFINITY) return "what the account's concurrency allows";
  return `${usd(usdPerDayAtMost(size, environments))} per day (${environments} environments)`;
}

function provisionedOf({ provisioned_concurrent_executions: count }: Attributes): number {
  return typeof count === "number" ? count : 0;
}

function takesSnapshots(attributes: Attributes): boolean {
  return valueAt(attributes, ["snap_start", 0, "apply_on"]) === "PublishedVersions";
}

function snapshotText({ memoryMiB }: Sizing): string {
  const { usdPerGbSecondCached, usdPerGbRestored } = lambdaPrices.snapStart;
  const gb = billedGb(memoryMiB);
  const monthly = usdPerMonth(gb * usdPerGbSecondCached);
  const restores = gb * usdPerGbRestored * 1000;
  return `${usd(monthly)} per month for each published version that is kept, ${usd(restores)} per 1,000 cold starts`;
}

function functionNamed(name: unknown, { resources }: TerraformPlan): Attributes | undefined {
  const functions = resources.filter(({ type }) => type === "aws_lambda_function");
  const named = functions.find(({ after }) => after.function_name === name) ?? functions[0];
  return named?.after;
}

function standingText(size: Sizing, before: number, after: number): string {
  const monthly = [before, after].map((count) => usd(usdPerMonthWaiting(size, count))).join(" → ");
  const kept = usd(provisionedUsdPerMillionTokens(size));
  const tokens = before > 0 ? kept : usd(usdPerMillionTokens(size));
  return `${monthly} per month while idle, ${tokens} → ${kept} per million tokens`;
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
