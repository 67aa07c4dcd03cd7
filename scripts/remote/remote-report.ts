import { usdPerInvocation } from "../../stacks/lambda-prices.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { textTable } from "../cli/text-table.ts";
import type { Measured } from "./remote-session.ts";

type Sizing = Pick<StackConfig, "architecture" | "memoryMiB">;

const columns = [
  "request",
  "cold",
  "latency ms",
  "billed ms",
  "tokens",
  "tokens/s",
  "USD/1000 tokens",
];

/** A table of the measurements and a line with the totals. */
export function remoteReport(measured: readonly Measured[], sizing: Sizing): string {
  const rows = measured.map((one) => rowOf(one, sizing));
  return [textTable(columns, rows), "", totalLine(measured, sizing)].join("\n");
}

function rowOf({ title, answer, exchange }: Measured, sizing: Sizing): string[] {
  const { latencyMs, billedMs } = exchange;
  const rate = answer.timings.predicted_per_second;
  const usd = usdPerThousandTokens([{ title, answer, exchange }], sizing);
  return [
    title,
    answer.cold_start ? "cold" : "",
    latencyMs.toFixed(0),
    billedMs === undefined ? "?" : billedMs.toFixed(0),
    String(answer.tokens_predicted),
    rate === null ? "?" : rate.toFixed(1),
    usd === undefined ? "?" : usd.toFixed(5),
  ];
}

/** USD for 1,000 tokens; latency replaces billed time where AWS reports none. */
export function usdPerThousandTokens(
  measured: readonly Measured[],
  sizing: Sizing,
): number | undefined {
  const tokens = measured.reduce((sum, { answer }) => sum + answer.tokens_predicted, 0);
  if (tokens === 0) return undefined;
  const usd = measured.reduce(
    (sum, { exchange }) => sum + usdPerInvocation(sizing, exchange.billedMs ?? exchange.latencyMs),
    0,
  );
  return (1000 * usd) / tokens;
}

function totalLine(measured: readonly Measured[], sizing: Sizing): string {
  const tokens = measured.reduce((sum, { answer }) => sum + answer.tokens_predicted, 0);
  const usd = usdPerThousandTokens(measured, sizing);
  return [
    `${measured.length} answers, ${tokens} tokens`,
    `${sizing.memoryMiB} MB ${sizing.architecture}`,
    usd === undefined ? "cost unknown" : `${usd.toFixed(5)} USD for 1,000 tokens`,
  ].join(" · ");
}
