import { architectures } from "../../../model/architecture.ts";
import { billedGb, lambdaPrices, priceSources } from "../../../stacks/lambda-prices.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { textTable } from "../../cli/text-table.ts";
import { numberText } from "../charts/number-text.ts";
import { memoryChart, pointText, trafficChart } from "./cost-charts.ts";
import { assumptions, type CostReport, commandText, isPublished } from "./cost-report.ts";
import {
  breakEvenTable,
  type CostTable,
  cheapestOf,
  fastestOf,
  sizeTable,
  startTable,
} from "./cost-tables.ts";
import { priceTable } from "./price-table.ts";
import { usdPerMillionTokens } from "./token-cost.ts";

/** The report's files by name: the page, and the charts that it shows. */
export function costFiles(report: CostReport): Readonly<Record<string, string>> {
  const { points, traffic } = report;
  const note = isPublished(report) ? "published speeds, not measured on Lambda" : report.speedText;
  return {
    "cost.md": costPage(report),
    "cost-by-memory.svg": memoryChart(points, traffic, note),
    "cost-by-traffic.svg": trafficChart(chartedPoints(report), points, traffic, note),
  };
}

/** Of the size in question, one architecture: x86_64 where it is there, as it is deployed. */
function chartedPoints({ chosen }: CostReport) {
  const [first] = chosen;
  const shown = chosen.some(({ architecture }) => architecture === "x86_64")
    ? "x86_64"
    : first?.architecture;
  return chosen.filter(({ architecture }) => architecture === shown);
}

/** The report for a terminal. */
export function terminalText(report: CostReport): string {
  const { points, chosen, compared, traffic, settings } = report;
  const table = ({ head, rows }: CostTable) => textTable(head, rows);
  return [
    ...assumptions(report).map((sentence) => `- ${sentence.replaceAll("`", "")}`),
    "",
    ...presentArchitectures(report).flatMap((architecture) => [
      architecture,
      table(sizeTable(ofArchitecture(report, architecture), traffic)),
      "",
    ]),
    ...bestSentences(report),
    "",
    table(startTable(chosen, traffic, settings.REQUESTS_PER_DAY)),
    "",
    "An always-on instance costs the same at:",
    table(breakEvenTable(compared, points, traffic)),
    "",
    `Prices: ${priceSources.region}, ${priceSources.lambda.date} (Lambda), ${priceSources.instances.date} (instances); see stacks/lambda-prices.ts.`,
  ].join("\n");
}

function presentArchitectures({ points }: CostReport) {
  return architectures.filter((name) => points.some(({ architecture }) => architecture === name));
}

function ofArchitecture({ points }: CostReport, name: (typeof architectures)[number]) {
  return points.filter(({ architecture }) => architecture === name);
}

function bestSentences({ points, traffic }: CostReport): string[] {
  return [
    ["Cheapest", cheapestOf(points, traffic)] as const,
    ["Fastest", fastestOf(points, traffic)] as const,
  ].flatMap(([what, point]) =>
    point === undefined ? [] : [`${what}: ${pointText(point, traffic)}.`],
  );
}

/** The report as a page of documentation; without a date of its own, so that it can be compared. */
export function costPage(report: CostReport): string {
  const { points, chosen, compared, traffic, settings } = report;
  const table = ({ head, rows }: CostTable) => markdownTable(head, rows);
  const [first] = chosen;
  const size = `${numberText(first?.memoryMiB ?? 0)} MB`;
  return `${[
    "# What it costs",
    `<!-- Made by \`${commandText(report)}\`; a test fails when it is stale. Do not edit. -->`,
    headline(report),
    "## What the figures count with",
    assumptions(report)
      .map((sentence) => `- ${sentence}`)
      .join("\n"),
    `Another speed, length or share: \`TOKENS_PER_SECOND=20 MEMORY=3008 make cost\`, \`MEASURED=docs/benchmarks-remote.csv make cost\`, \`ANSWER_TOKENS=20 COLD_SHARE=0.5 make cost\`. With \`OUT=folder\` this page is made of them there.`,
    "## By memory size",
    "![USD per million generated tokens by function memory](cost-by-memory.svg)",
    bestSentences(report)
      .map((sentence) => `- ${sentence}`)
      .join("\n"),
    ...presentArchitectures(report).flatMap((architecture) => [
      `### ${architecture}`,
      table(sizeTable(ofArchitecture(report, architecture), traffic)),
    ]),
    formula(report),
    "## Snapshots and kept environments",
    `With ${size} and ${numberText(settings.REQUESTS_PER_DAY)} requests a day. A snapshot or a kept environment is paid for whether anyone calls or not. A restore is priced like ${restoreSeconds("x86_64")} s of running on x86_64, ${restoreSeconds("arm64")} s on arm64, whatever the memory: it buys time, and money only where a cold start takes longer than that.`,
    table(startTable(chosen, traffic, settings.REQUESTS_PER_DAY)),
    "## Against an always-on instance",
    "![USD a day by generated tokens a day, on Lambda and on an instance](cost-by-traffic.svg)",
    "Below this traffic the function on demand is the cheaper one, above it the instance, if it can do that much. The share of the day is of one answer after the other: above 100 %, several at once.",
    table(breakEvenTable(compared, points, traffic)),
    "## Prices",
    `Of ${priceSources.region}, in the first tier, without the free tier. AWS's own pages could not be reached from where this was written: compare with [Lambda's](${priceSources.lambda.page}) and [EC2's](${priceSources.instances.page}) before relying on them. They stand in \`stacks/lambda-prices.ts\` and nowhere else.`,
    table(priceTable()),
    "## What is not known",
    unknowns(report)
      .map((sentence) => `- ${sentence}`)
      .join("\n"),
  ].join("\n\n")}\n`;
}

function headline(report: CostReport): string {
  return isPublished(report)
    ? "Lambda bills memory times duration. **No speed on this page was measured on Lambda:** they are published ones of other machines, and the page compares sizes; it does not predict a bill."
    : `Lambda bills memory times duration. Made by \`${commandText(report)}\`.`;
}

/** How the column "decoding alone" comes about, at a round speed. */
function formula({ chosen, traffic }: CostReport): string {
  const [first] = chosen;
  if (first === undefined) return "";
  const { architecture, memoryMiB } = first;
  const example = { architecture, memoryMiB, tokensPerSecond: 20 };
  const price = numberText(lambdaPrices.usdPerGbSecond[architecture]);
  return `"Decoding alone" leaves out all but the making of tokens: GB × price of a GB-second ÷ tokens per second × 1,000,000. At 20 tokens a second with ${numberText(memoryMiB)} MB that is ${numberText(billedGb(memoryMiB))} × ${price} ÷ 20 × 1,000,000 = ${usdPerMillionTokens(example).toFixed(2)} USD. The other columns divide all that a request costs by its ${numberText(traffic.answerTokens)} generated tokens.`;
}

/** Seconds of running that cost what a restore does. */
function restoreSeconds(architecture: (typeof architectures)[number]): string {
  const { snapStart, usdPerGbSecond } = lambdaPrices;
  return (snapStart.usdPerGbRestored / usdPerGbSecond[architecture]).toFixed(1);
}

function unknowns(report: CostReport): string[] {
  return [
    ...(isPublished(report)
      ? [
          "How fast Lambda decodes. The one figure found for Lambda itself is about 3.6 tokens a second on arm64, one thread, of a third party's build without the processor's dot products (manu-mishra/one-bit-llm-on-lambda, 2025-06). None was found for this model on Graviton.",
          "Whether a vCPU of Lambda does as much as a thread of the published machines.",
          "How speed grows with parts of a vCPU: it is taken to be in proportion, and below one vCPU a token then costs the same whatever the size.",
        ]
      : []),
    "How long a first start takes that reads a model of 0.8 to 1.2 GB from the image, beyond the ten seconds that an initialization may take on demand.",
    "How long a restore from a snapshot takes with the model in memory, and how much of it is billed: AWS says that only what runs of the function's own is.",
    "Whether a snapshot is priced by function memory alone, as counted here, or by memory and disk, as the price list's text says.",
  ];
}
