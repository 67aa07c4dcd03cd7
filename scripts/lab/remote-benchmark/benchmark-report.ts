import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { quantile, spreadOf, spreadText } from "../statistics.ts";
import { type Case, caseName, setupsOf, spentUsd } from "./benchmark-plan.ts";
import { type BenchmarkSettings, enoughSamples } from "./benchmark-settings.ts";
import type { Sample } from "./measured-call.ts";

/** How a run ended, and the sentence that a report of it begins with. */
const endings = {
  whole: "",
  stopped: "**It stopped early, before a call that could have exceeded its budget.**",
  interrupted: "**It was interrupted.**",
  failed: "**It ended with an error.**",
} as const;
export type Ending = keyof typeof endings;

/** Everything that a report is made of. */
export interface BenchmarkReport {
  readonly settings: BenchmarkSettings;
  readonly config: StackConfig;
  /** `2026-11-25` */
  readonly date: string;
  readonly commit: string;
  /** `sha256:…`, one for each image that was measured. */
  readonly imageDigests: ReadonlySet<string>;
  readonly samples: readonly Sample[];
  readonly ending: Ending;
}

/** The report as Markdown, without account numbers or ARNs. */
export function benchmarkReport(report: BenchmarkReport): string {
  const { settings, ending } = report;
  const quick = "**A quick run (`QUICK=1`): too few samples to conclude anything from.**";
  const parts = [
    "# Benchmarks on AWS Lambda",
    "Written by `make benchmark-remote`.",
    settings.QUICK ? quick : "",
    endings[ending],
    list(facts(report)),
    "## Warm: the environment has answered before",
    caseTable(report, "warm"),
    "## Cold: the first call of a new version",
    caseTable(report, "cold"),
    "## Method",
    list(method(report.config)),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function facts({ settings, config, samples, ...run }: BenchmarkReport): string[] {
  const good = samples.filter(({ error }) => error === undefined);
  const models = new Set(samples.flatMap(({ answer }) => answer?.model ?? []));
  const unreported = samples.filter(({ report }) => report === undefined);
  const [total, assumed] = [samples, unreported].map((paid) => spentUsd(paid).toFixed(4));
  return [
    `${run.date}, commit ${run.commit}; ${config.region}, ${config.architecture}, time limit ${config.timeoutSeconds} s, SnapStart ${config.snapStart ? "on" : "off"}`,
    `image ${[...run.imageDigests].join(", ")}; model ${[...models].join(", ") || "unknown"}`,
    `${samples.length} calls, of which ${samples.length - good.length} failed or were dropped; ${settings.WARM_SAMPLES} warm and ${settings.COLD_SAMPLES} cold ones were requested for each row`,
    `spent ${total} USD by Lambda's reports and list prices, of which at most ${assumed} for calls without a report; budget ${settings.BUDGET_USD} USD`,
  ];
}

/** The figures of one kind of start: a row for each number of tokens and setup. */
function caseTable({ settings, samples }: BenchmarkReport, start: Case["start"]): string {
  const setups = setupsOf(settings).toSorted((a, b) => a.memoryMiB - b.memoryMiB);
  const cases = settings.TOKENS.flatMap((tokensAsked) =>
    setups.map((setup): Case => ({ ...setup, start, tokensAsked })),
  );
  const wanted = start === "warm" ? settings.WARM_SAMPLES : settings.COLD_SAMPLES;
  const rows = cases.map((one) => {
    const calls = samples.filter((sample) => caseName(sample) === caseName(one));
    const good = calls.filter(({ error }) => error === undefined);
    return [
      String(one.tokensAsked),
      String(one.memoryMiB),
      one.engine,
      `${good.length} of ${wanted}`,
      ...columns.map(([, figure, text]) => text(valuesOf(good, figure)) || "–"),
      errorsText(calls),
    ];
  });
  const titles = columns.map(([title]) => title);
  return markdownTable(
    ["tokens", "memory, MB", "engine", "samples", ...titles, "failed or dropped"],
    rows,
  );
}

type Figure = (sample: Sample) => number | null | undefined;

const startMs: Figure = ({ report }) => report?.initMs ?? report?.restoreMs;
const billedMs: Figure = ({ report }) => report?.billedMs;

/** Title, figure of a sample, and text of the figures; without any it is empty. */
const columns: readonly [string, Figure, (values: readonly number[]) => string][] = [
  ["tokens made", ({ answer }) => answer?.tokens_predicted, medianText(0)],
  ["start, ms", startMs, medianText(0)],
  ["duration, ms", ({ report }) => report?.durationMs, medianText(0)],
  ["billed, ms", billedMs, medianText(0)],
  ["billed p95", billedMs, tailText],
  ["first token, ms", ({ answer }) => answer?.timings.first_token_ms, medianText(0)],
  ["tokens/s", ({ answer }) => answer?.timings.predicted_per_second, medianText(1)],
  ["memory used, MB", ({ report }) => report?.memoryUsedMiB, largestText],
  ["USD per 1,000 tokens", usdPerThousand, medianText(5)],
];

function usdPerThousand({ costUsd, answer }: Sample): number | undefined {
  return answer?.tokens_predicted ? (1000 * costUsd) / answer.tokens_predicted : undefined;
}

function valuesOf(samples: readonly Sample[], figure: Figure): number[] {
  return samples.map(figure).filter((value) => typeof value === "number");
}

/** Median and spread; the median alone where both ends round to it. */
function medianText(digits: number) {
  return (values: readonly number[]): string => {
    if (values.length === 0) return "";
    const spread = spreadOf(values);
    const ends = [spread.low, spread.median, spread.high].map((value) => value.toFixed(digits));
    return new Set(ends).size === 1 ? String(ends[0]) : spreadText(spread, digits);
  };
}

function tailText(values: readonly number[]): string {
  return values.length < enoughSamples ? "" : quantile(values, 0.95).toFixed(0);
}

function largestText(values: readonly number[]): string {
  return values.length === 0 ? "" : Math.max(...values).toFixed(0);
}

/** `2 time limit, 1 throttled` */
function errorsText(calls: readonly Sample[]): string {
  const errors = calls.map(({ error }) => error).filter((error) => error !== undefined);
  const kinds = [...new Set(errors)];
  return kinds.map((kind) => `${errors.filter((one) => one === kind).length} ${kind}`).join(", ");
}

function method({ region, snapStart }: StackConfig): string[] {
  const elsewhere = region === "us-east-1" ? "" : `, not of ${region}`;
  return [
    `Figures are medians, with the 10th and the 90th percentile in parentheses; p95 from ${enoughSamples} samples on; memory used is the maximum. Calls that failed or were dropped count in none of them.`,
    "Duration, billed time, start (init or restore) and memory used come from Lambda's report of each call; first token and tokens/s come from the answer.",
    "The environment was deployed for the benchmark alone, one setup after the other. Each cold call is the first one of a version published for it; warm calls follow in the same environment, spread over all versions of the setup. Both the answer (`cold_start`) and Lambda's report have to confirm the kind of call; others are dropped. One call at a time; a setup that failed three times in a row was given up.",
    "Every request has the same prompt, temperature 0 and no stop text; the model may end an answer before its number of tokens. A warm resident llama-server has read that prompt before, so its first token is that of a continued conversation.",
    `USD are list prices of us-east-1${elsewhere} (\`stacks/lambda-prices.ts\`): the billed time and the request.${snapStart ? " SnapStart's charges for cached snapshots and for restores are not included." : ""}`,
  ];
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}`).join("\n");
}

/** Makes the report's folder. @throws UserError when nothing can be written there */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(`OUT=${folder}: nothing can be written there`, { cause: error });
  }
}

/**
 * Writes the report if there is a sample, with `RAW=1` also every sample; a partial one leaves a
 * whole one alone. Returns what was done.
 */
export function writeReport(report: BenchmarkReport): string {
  const { samples, settings, ending } = report;
  if (samples.length === 0) return "nothing was written";
  const [whole, partial] = ["", ".partial"].map((part) =>
    join(settings.OUT, `benchmarks-remote${part}`),
  );
  for (const extension of ["md", "raw.jsonl"]) rmSync(`${partial}.${extension}`, { force: true });
  const path = ending === "whole" ? whole : partial;
  writeFileSync(`${path}.md`, benchmarkReport(report));
  const lines = samples.map((sample) => JSON.stringify({ ...sample, detail: undefined }));
  if (settings.RAW) writeFileSync(`${path}.raw.jsonl`, `${lines.join("\n")}\n`);
  return `${path}.md: written`;
}
