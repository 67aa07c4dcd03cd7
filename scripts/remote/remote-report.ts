import { type Sizing, usdPerInvocation } from "../../stacks/lambda-prices.ts";
import { textTable } from "../cli/text-table.ts";
import type { Measured } from "./remote-session.ts";

const columns = ["request", "cold", "latency ms", "billed ms", "tokens", "tokens/s"];

/** A table of the measurements and a line with the totals. */
export function remoteReport(measured: readonly Measured[], sizing: Sizing): string {
  const rows = measured.map((one) => rowOf(one, sizing));
  const table = textTable([...columns, "USD/1000 tokens"], rows);
  return [table, "", totalLine(measured, sizing)].join("\n");
}

function rowOf(measured: Measured, sizing: Sizing): string[] {
  const { title, answer, exchange } = measured;
  return [
    title,
    answer.cold_start ? "cold" : "",
    exchange.latencyMs.toFixed(0),
    exchange.billedMs?.toFixed(0) ?? "?",
    String(answer.tokens_predicted),
    answer.timings.predicted_per_second?.toFixed(1) ?? "?",
    usdPerThousandTokens([measured], sizing)?.toFixed(5) ?? "?",
  ];
}

/** USD for 1,000 tokens; latency replaces billed time where AWS reports none. */
export function usdPerThousandTokens(
  measured: readonly Measured[],
  sizing: Sizing,
): number | undefined {
  const tokens = tokensOf(measured);
  if (tokens === 0) return undefined;
  const usd = measured.reduce(
    (sum, { exchange }) => sum + usdPerInvocation(sizing, exchange.billedMs ?? exchange.latencyMs),
    0,
  );
  return (1000 * usd) / tokens;
}

function tokensOf(measured: readonly Measured[]): number {
  return measured.reduce((sum, { answer }) => sum + answer.tokens_predicted, 0);
}

function totalLine(measured: readonly Measured[], sizing: Sizing): string {
  const usd = usdPerThousandTokens(measured, sizing);
  return [
    `${measured.length} answers, ${tokensOf(measured)} tokens`,
    `${sizing.memoryMiB} MB ${sizing.architecture}`,
    usd === undefined ? "cost unknown" : `${usd.toFixed(5)} USD for 1,000 tokens`,
  ].join(" · ");
}
