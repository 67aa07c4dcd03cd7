import { markdownTable } from "../../cli/markdown-table.ts";
import { type Case, casesOf, type Setup, starts } from "./benchmark-plan.ts";
import { type BenchmarkSettings, enoughSamples } from "./benchmark-settings.ts";
import type { Budget } from "./budget.ts";
import { caseSection } from "./case-section.ts";
import { errorCounts } from "./case-summary.ts";
import type { FunctionState } from "./function-state.ts";
import type { Ending } from "./measure.ts";
import { errorKinds, type Sample } from "./sample.ts";

/** What was measured, and with what. */
export interface BenchmarkFacts
  extends Pick<FunctionState, "name" | "architecture" | "timeoutSeconds" | "isSnapStart"> {
  readonly region: string;
  /** `2026-11-25` */
  readonly date: string;
  readonly commit: string;
  /** `sha256:…` of the image; `undefined` where AWS tells none. */
  readonly imageDigest: string | undefined;
}

/** How a measurement ended. */
export type ReportEnding = Ending | "interrupted" | "failed";

/** All that a report tells. */
export interface BenchmarkReport {
  readonly settings: BenchmarkSettings;
  readonly facts: BenchmarkFacts;
  readonly samples: readonly Sample[];
  readonly givenUp: readonly Setup[];
  readonly ending: ReportEnding;
  readonly budget: Pick<Budget, "limitUsd" | "spentUsd" | "supposedUsd">;
  /** Name of the raw data's file, beside the report. */
  readonly csvName: string;
}

/** What a report says first when it is not whole. */
const endings: Readonly<Record<ReportEnding, string | undefined>> = {
  whole: undefined,
  budget: "It stopped early, before a call that could have passed its budget.",
  interrupted: "It was interrupted.",
  failed: "It ended by an error.",
};

/** The report as Markdown. Holds the function's name, and nothing else of the account. */
export function benchmarkReport(report: BenchmarkReport): string {
  return `${[
    "# Benchmarks on AWS Lambda",
    `Written by \`make benchmark-remote\`. Every call is a row of [${report.csvName}](${report.csvName}).`,
    ...warnings(report),
    factsTable(report),
    ...starts.toReversed().flatMap((start) => caseSection(report.settings, report.samples, start)),
    ...howItWasMeasured(report),
    ...failures(report),
  ].join("\n\n")}\n`;
}

function warnings({ settings, ending, givenUp, samples }: BenchmarkReport): string[] {
  const good = samples.filter(({ error }) => error === undefined).length;
  return [
    ...(settings.isQuick
      ? [`A quick run (\`QUICK=1\`): too few samples to conclude anything from.`]
      : []),
    ...[endings[ending] ?? []].flat(),
    ...givenUp.map(
      ({ memoryMiB, engine }) =>
        `${engine} with ${memoryMiB} MB was given up: it failed time after time.`,
    ),
    ...(good === 0 ? ["No call gave a sample."] : []),
  ].map((sentence) => `**${sentence}**`);
}

function factsTable({ settings, facts, samples, budget }: BenchmarkReport): string {
  const models = new Set(samples.flatMap(({ model }) => model ?? []));
  const good = samples.filter(({ error }) => error === undefined).length;
  const known = (budget.spentUsd - budget.supposedUsd).toFixed(4);
  const supposed =
    budget.supposedUsd === 0
      ? ""
      : `, and at most ${budget.supposedUsd.toFixed(4)} for calls that it does not report`;
  return markdownTable(
    ["run", ""],
    [
      ["when", `${facts.date}, commit ${facts.commit}`],
      ["function", `\`${facts.name}\`, time limit ${facts.timeoutSeconds} s`],
      ["where", `${facts.region}, ${facts.architecture}`],
      ["image", facts.imageDigest === undefined ? "unknown" : `\`${facts.imageDigest}\``],
      ["model", models.size === 0 ? "unknown" : [...models].join(", ")],
      ["SnapStart", facts.isSnapStart ? "on" : "off"],
      ["calls", `${samples.length}, ${good} of them good, ${samples.length - good} not`],
      [
        "samples a row",
        `${settings.warmSamples} warm and ${settings.coldSamples} cold were asked for`,
      ],
      [
        "spent",
        `${known} USD by Lambda's reports and list prices${supposed}; budget ${budget.limitUsd} USD`,
      ],
    ],
  );
}

function howItWasMeasured({ settings, facts }: BenchmarkReport): string[] {
  const sentences = [
    `Figures are medians, with the 10th and the 90th percentile behind them; p95 and p99 from ${enoughSamples} samples on; memory used is the most of all. Calls that failed or were dropped are in none of them.`,
    "Duration, billed time, init, restore and memory used are Lambda's own (its report of each call), whole is init or restore and duration together; first token and tokens/s are the answer's.",
    "Each cold call is the first one of a version published for it; the warm ones follow in the same environment. Both the answer (`cold_start`) and Lambda's report have to agree that a call was what it should be. One call at a time.",
    "Setups were measured in turn, and the warm samples of a row are spread over all of its versions.",
    "Every request has the same prompt, temperature 0 and no stop text; the model may end an answer before its number of tokens. A resident llama-server has read that prompt before when it is warm, so that its first token is that of a conversation going on.",
    `USD are ${priceText(facts)} (\`stacks/lambda-prices.ts\`): the billed time and the request.${facts.isSnapStart ? " What SnapStart charges for cached snapshots and for restores is not in them." : ""}`,
    "Fastest is by tokens a second from the start of the environment to the end of the answer, cheapest by USD for a token.",
    `Asked for: ${settings.tokens.join(", ")} tokens.`,
  ];
  return ["## How", sentences.map((sentence) => `- ${sentence}`).join("\n")];
}

function priceText({ region }: BenchmarkFacts): string {
  return region === "us-east-1"
    ? "list prices of us-east-1"
    : `list prices of us-east-1, which are not those of ${region}`;
}

function failures({ settings, samples }: BenchmarkReport): string[] {
  const rows = starts
    .flatMap((start) => casesOf(settings, start))
    .flatMap((one) => failureRows(one, samples));
  const table =
    rows.length === 0
      ? "No call failed and none was dropped."
      : markdownTable(["start", "tokens", "memory, MB", "engine", "kind", "calls", ""], rows);
  return ["## What failed or was dropped", table];
}

function failureRows(one: Case, samples: readonly Sample[]): string[][] {
  return [...errorCounts(one, samples)].map(([kind, count]) => [
    one.start,
    String(one.tokensAsked),
    String(one.memoryMiB),
    one.engine,
    `\`${kind}\``,
    String(count),
    errorKinds[kind],
  ]);
}
