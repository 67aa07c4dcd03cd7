import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { casesOf, type Setup, starts } from "./benchmark-plan.ts";
import { type BenchmarkSettings, enoughSamples } from "./benchmark-settings.ts";
import { caseTable, samplesOf } from "./case-table.ts";
import { spendingOf } from "./cost-estimate.ts";
import { errorKinds, type Sample } from "./sample.ts";

/** How a run ended, and the sentence that a report of it begins with. */
const endings = {
  whole: [],
  budget: ["It stopped early, before a call that could have exceeded its budget."],
  interrupted: ["It was interrupted."],
  failed: ["It ended with an error."],
} as const satisfies Record<string, readonly string[]>;
export type Ending = keyof typeof endings;

/** Everything that a report is made of. */
export interface BenchmarkReport {
  readonly settings: BenchmarkSettings;
  readonly config: Pick<StackConfig, "region" | "architecture" | "timeoutSeconds" | "snapStart">;
  /** `2026-11-25` */
  readonly date: string;
  readonly commit: string;
  /** `sha256:…`, one for each image that was measured. */
  readonly imageDigests: ReadonlySet<string>;
  readonly samples: readonly Sample[];
  readonly givenUp: readonly Setup[];
  readonly ending: Ending;
}

/** The report as Markdown, without account numbers or ARNs. */
export function benchmarkReport(report: BenchmarkReport): string {
  const { settings, samples } = report;
  return `${[
    "# Benchmarks on AWS Lambda",
    "Written by `make benchmark-remote`.",
    ...warnings(report),
    factsTable(report),
    "## Warm: the environment has answered before",
    caseTable(settings, samples, "warm"),
    "## Cold: the first call of a new version",
    caseTable(settings, samples, "cold"),
    "## Method",
    method(report),
    "## Failed and dropped calls",
    failures(report),
  ].join("\n\n")}\n`;
}

function warnings({ settings, ending, givenUp, samples }: BenchmarkReport): string[] {
  const isEmpty = samples.every(({ error }) => error !== undefined);
  return [
    ...(settings.isQuick
      ? ["A quick run (`QUICK=1`): too few samples to conclude anything from."]
      : []),
    ...endings[ending],
    ...givenUp.map(
      ({ memoryMiB, engine }) =>
        `${engine} with ${memoryMiB} MB was given up after repeated failures.`,
    ),
    ...(isEmpty ? ["No call gave a sample."] : []),
  ].map((sentence) => `**${sentence}**`);
}

function factsTable(report: BenchmarkReport): string {
  const { settings, config, samples, imageDigests } = report;
  const models = new Set(samples.flatMap(({ answer }) => answer?.model ?? []));
  const bad = samples.filter(({ error }) => error !== undefined).length;
  const digests = [...imageDigests].map((digest) => `\`${digest}\``);
  return markdownTable(
    ["run", ""],
    [
      ["when", `${report.date}, commit ${report.commit}`],
      ["where", `${config.region}, ${config.architecture}, time limit ${config.timeoutSeconds} s`],
      ["image", digests.join(", ") || "unknown"],
      ["model", [...models].join(", ") || "unknown"],
      ["SnapStart", config.snapStart ? "on" : "off"],
      ["calls", `${samples.length}, of which ${bad} failed or were dropped`],
      ["samples a row", `${settings.warmSamples} warm and ${settings.coldSamples} cold requested`],
      ["spent", spentText(report)],
    ],
  );
}

function spentText({ samples, config, settings }: BenchmarkReport): string {
  const { reportedUsd, assumedUsd } = spendingOf(samples, config);
  const assumed =
    assumedUsd === 0 ? "" : `, and at most ${assumedUsd.toFixed(4)} for calls without a report`;
  return `${reportedUsd.toFixed(4)} USD by Lambda's reports and list prices${assumed}; budget ${settings.budgetUsd} USD`;
}

function method({ settings, config }: BenchmarkReport): string {
  const elsewhere = config.region === "us-east-1" ? "" : `, not of ${config.region}`;
  return [
    `Figures are medians, with the 10th and the 90th percentile in parentheses; p95 from ${enoughSamples} samples on; memory used is the maximum. Calls that failed or were dropped count in none of them.`,
    "Duration, billed time, init, restore and memory used come from Lambda's report of each call, whole is init or restore plus duration; first token and tokens/s come from the answer.",
    "The environment was deployed for the benchmark alone, one setup after the other. Each cold call is the first one of a version published for it; warm calls follow in the same environment, spread over all versions of the setup. Both the answer (`cold_start`) and Lambda's report have to confirm the kind of call. One call at a time.",
    "Every request has the same prompt, temperature 0 and no stop text; the model may end an answer before its number of tokens. A warm resident llama-server has read that prompt before, so its first token is that of a continued conversation.",
    `USD are list prices of us-east-1${elsewhere} (\`stacks/lambda-prices.ts\`): the billed time and the request.${config.snapStart ? " SnapStart's charges for cached snapshots and for restores are not included." : ""}`,
    "Fastest is by tokens a second from the start of the environment to the end of the answer, cheapest by USD for a token.",
    `Tokens requested: ${settings.tokens.join(", ")}.`,
  ]
    .map((sentence) => `- ${sentence}`)
    .join("\n");
}

function failures({ settings, samples }: BenchmarkReport): string {
  const cases = starts.flatMap((start) => casesOf(settings, start));
  const rows = cases.flatMap((one) =>
    Object.entries(errorKinds).flatMap(([kind, text]) => {
      const count = samplesOf(one, samples).filter(({ error }) => error === kind).length;
      const { start, tokensAsked, memoryMiB, engine } = one;
      const row = [start, tokensAsked, memoryMiB, engine, `\`${kind}\``, count, text];
      return count === 0 ? [] : [row.map(String)];
    }),
  );
  return rows.length === 0
    ? "No call failed and none was dropped."
    : markdownTable(["start", "tokens", "memory, MB", "engine", "kind", "calls", ""], rows);
}

/** A file of the report's folder: the whole report, one of a run that is not whole, the samples. */
export function reportPath(folder: string, kind: "md" | "partial.md" | "raw.jsonl"): string {
  return join(folder, `benchmarks-remote.${kind}`);
}

/** Makes the folder; `RAW=1` begins the samples anew. @throws UserError when that fails */
export function prepareFolder({ outputFolder: folder, isRawKept }: BenchmarkSettings): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    if (isRawKept) rmSync(reportPath(folder, "raw.jsonl"), { force: true });
  } catch (error) {
    throw new UserError(`OUT=${folder}: nothing can be written there`, { cause: error });
  }
}

/** Writes the report if there is a sample, and returns its path; a partial one leaves a whole one alone. */
export function writeReport(report: BenchmarkReport): string | undefined {
  if (report.samples.length === 0) return undefined;
  const { outputFolder } = report.settings;
  const partial = reportPath(outputFolder, "partial.md");
  const path = report.ending === "whole" ? reportPath(outputFolder, "md") : partial;
  writeFileSync(path, benchmarkReport(report));
  if (path !== partial) rmSync(partial, { force: true });
  return path;
}
