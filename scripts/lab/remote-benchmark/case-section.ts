import { markdownTable } from "../../cli/markdown-table.ts";
import { type Spread, spreadText } from "../statistics.ts";
import { casesOf, type Start, wantedSamples } from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";
import { type CaseSummary, summarize } from "./case-summary.ts";
import type { Sample } from "./sample.ts";

const startTitles: Readonly<Record<Start, string>> = {
  warm: "Warm: the environment has answered before",
  cold: "Cold: the first call of a new version",
};

/** Title and table of one kind of start: a row for each number of tokens and setup. */
export function caseSection(
  settings: BenchmarkSettings,
  samples: readonly Sample[],
  start: Start,
): readonly string[] {
  const rows = casesOf(settings, start).map((one) => ({
    one,
    summary: summarize(one, samples),
  }));
  const marks = marksOf(rows.flatMap(({ summary }) => summary ?? []));
  const columns = columnsOf(start);
  const cells = rows.map(({ one, summary }) => [
    String(one.tokensAsked),
    String(one.memoryMiB),
    one.engine,
    samplesText(summary?.count ?? 0, wantedSamples(settings, start)),
    ...Object.values(columns).map((read) => (summary === undefined ? "–" : read(summary))),
    marks
      .filter(([marked]) => marked === summary)
      .map(([, mark]) => `**${mark}**`)
      .join(", "),
  ]);
  const head = ["tokens", "memory, MB", "engine", "samples", ...Object.keys(columns), ""];
  return [`## ${startTitles[start]}`, markdownTable(head, cells)];
}

function samplesText(count: number, wanted: number): string {
  return count >= wanted ? String(count) : `${count} of ${wanted}`;
}

type Column = (summary: CaseSummary) => string;

/** The measured columns; only cold calls have a start. */
function columnsOf(start: Start): Readonly<Record<string, Column>> {
  return {
    "tokens made": ({ tokensMade }) => textOf(tokensMade, 0),
    ...(start === "cold" && {
      "init, ms": ({ initMs }: CaseSummary) => textOf(initMs, 0),
      "restore, ms": ({ restoreMs }: CaseSummary) => textOf(restoreMs, 0),
    }),
    "duration, ms": ({ durationMs }) => textOf(durationMs, 0),
    ...(start === "cold" && {
      "whole, ms": ({ wholeMs }: CaseSummary) => textOf(wholeMs, 0),
    }),
    "billed, ms": ({ billedMs }) => textOf(billedMs, 0),
    "billed p95": ({ billedP95Ms }) => billedP95Ms?.toFixed(0) ?? "–",
    "first token, ms": ({ firstTokenMs }) => textOf(firstTokenMs, 0),
    "tokens/s": ({ tokensPerSecond }) => textOf(tokensPerSecond, 1),
    "memory used, MB": ({ mostMemoryUsedMiB }) => mostMemoryUsedMiB?.toFixed(0) ?? "–",
    "USD per 1,000 tokens": ({ usdPerThousandTokens }) => usdPerThousandTokens?.toFixed(5) ?? "–",
  };
}

/** Median and spread; the median alone where both ends round to it. */
function textOf(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return "–";
  const median = spread.median.toFixed(digits);
  const isOne = [spread.low, spread.high].every((edge) => edge.toFixed(digits) === median);
  return isOne ? median : spreadText(spread, digits);
}

/** The cheapest and the fastest row of each number of tokens, if it has more than one row. */
function marksOf(summaries: readonly CaseSummary[]): (readonly [CaseSummary, string])[] {
  const costOf = ({ usdPerThousandTokens }: CaseSummary) =>
    usdPerThousandTokens ?? Number.POSITIVE_INFINITY;
  const speedOf = ({ overallTokensPerSecond }: CaseSummary) => overallTokensPerSecond;
  return [...new Set(summaries.map(({ tokensAsked }) => tokensAsked))].flatMap((tokens) => {
    const rivals = summaries.filter(({ tokensAsked }) => tokensAsked === tokens);
    const [cheapest] = rivals.toSorted((a, b) => costOf(a) - costOf(b));
    const [fastest] = rivals.toSorted((a, b) => speedOf(b) - speedOf(a));
    if (rivals.length < 2 || cheapest === undefined || fastest === undefined) return [];
    return [
      [cheapest, "cheapest"],
      [fastest, "fastest"],
    ] as const;
  });
}
