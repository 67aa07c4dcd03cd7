import { markdownTable } from "../../cli/markdown-table.ts";
import { quantile, spreadOf, spreadText } from "../statistics.ts";
import { type Case, casesOf, type Start } from "./benchmark-plan.ts";
import { type BenchmarkSettings, enoughSamples } from "./benchmark-settings.ts";
import type { Sample } from "./sample.ts";

/** A row of the table: a case and its samples without an error. */
interface Row {
  readonly one: Case;
  readonly good: readonly Sample[];
}

/** The figures of one kind of start: a row for each number of tokens and setup. */
export function caseTable(
  settings: BenchmarkSettings,
  samples: readonly Sample[],
  start: Start,
): string {
  const wanted = settings[`${start}Samples`];
  const columns = columnsOf(start);
  const rows = casesOf(settings, start).map((one): Row => {
    const good = samplesOf(one, samples).filter(({ error }) => error === undefined);
    return { one, good };
  });
  const cells = rows.map((row) => [
    String(row.one.tokensAsked),
    String(row.one.memoryMiB),
    row.one.engine,
    row.good.length >= wanted ? String(row.good.length) : `${row.good.length} of ${wanted}`,
    ...Object.values(columns).map((text) => (row.good.length === 0 ? "–" : text(row.good))),
    marksOf(row, rows).join(", "),
  ]);
  return markdownTable(
    ["tokens", "memory, MB", "engine", "samples", ...Object.keys(columns), ""],
    cells,
  );
}

/** The samples of a case. */
export function samplesOf(one: Case, samples: readonly Sample[]): Sample[] {
  const names = ["memoryMiB", "engine", "start", "tokensAsked"] as const;
  return samples.filter((sample) => names.every((name) => one[name] === sample[name]));
}

type Column = (good: readonly Sample[]) => string;
type Figure = (sample: Sample) => number | null | undefined;

const tokensMade: Figure = ({ answer }) => answer?.tokens_predicted;
const billedMs: Figure = ({ report }) => report?.billedMs;

/** Init or restore, and duration: what a caller waits for. */
const wholeMs: Figure = ({ report }) =>
  report && (report.initMs ?? 0) + (report.restoreMs ?? 0) + report.durationMs;

/** The measured columns; only cold calls have a start. */
function columnsOf(start: Start): Readonly<Record<string, Column>> {
  const isCold = start === "cold";
  return {
    "tokens made": median(tokensMade),
    ...(isCold && {
      "init, ms": median(({ report }) => report?.initMs),
      "restore, ms": median(({ report }) => report?.restoreMs),
    }),
    "duration, ms": median(({ report }) => report?.durationMs),
    ...(isCold && { "whole, ms": median(wholeMs) }),
    "billed, ms": median(billedMs),
    "billed p95": (good) =>
      good.length < enoughSamples ? "–" : quantile(valuesOf(good, billedMs), 0.95).toFixed(0),
    "first token, ms": median(({ answer }) => answer?.timings.first_token_ms),
    "tokens/s": median(({ answer }) => answer?.timings.predicted_per_second, 1),
    "memory used, MB": (good) => {
      const used = valuesOf(good, ({ report }) => report?.memoryUsedMiB);
      return used.length === 0 ? "–" : Math.max(...used).toFixed(0);
    },
    "USD per 1,000 tokens": (good) => {
      const usd = 1000 * usdPerToken(good);
      return Number.isFinite(usd) ? usd.toFixed(5) : "–";
    },
  };
}

/** Median and spread; the median alone where both ends round to it. */
function median(read: Figure, digits = 0): Column {
  return (good) => {
    const values = valuesOf(good, read);
    if (values.length === 0) return "–";
    const spread = spreadOf(values);
    const text = spread.median.toFixed(digits);
    const isOne = [spread.low, spread.high].every((edge) => edge.toFixed(digits) === text);
    return isOne ? text : spreadText(spread, digits);
  };
}

function valuesOf(samples: readonly Sample[], read: Figure): number[] {
  return samples.map(read).filter((value) => typeof value === "number");
}

function sumOf(samples: readonly Sample[], read: Figure): number {
  return valuesOf(samples, read).reduce((total, value) => total + value, 0);
}

const usdPerToken = (good: readonly Sample[]) =>
  sumOf(good, ({ costUsd }) => costUsd) / sumOf(good, tokensMade);

/** From the start of the environment to the end of the answer. */
const msPerToken = (good: readonly Sample[]) => sumOf(good, wholeMs) / sumOf(good, tokensMade);

/** Whether a row is the best of its number of tokens, if that has more than one row. */
function marksOf(row: Row, rows: readonly Row[]): string[] {
  const rivals = rows.filter(
    ({ one, good }) => one.tokensAsked === row.one.tokensAsked && good.length > 0,
  );
  if (rivals.length < 2) return [];
  return Object.entries({ cheapest: usdPerToken, fastest: msPerToken }).flatMap(([mark, read]) => {
    const [best] = rivals.toSorted((a, b) => read(a.good) - read(b.good));
    return best === row ? [`**${mark}**`] : [];
  });
}
