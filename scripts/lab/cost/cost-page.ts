import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import {
  billedGb,
  lambdaPrices,
  priceSource,
  usdPerInvocation,
  usdPerMonth,
} from "../../../stacks/lambda-prices.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { publishedSpeedSource, usdPerMonthWaiting } from "../../review/token-cost.ts";
import { numberText } from "../number-text.ts";
import { type Alternative, busyAlternatives, novaMicro } from "./alternatives.ts";
import { costChart } from "./cost-chart.ts";
import { type CostRow, costRows, usdPerMillionIn, usdPerMillionOut } from "./cost-rows.ts";

/** Seconds that llama-cli takes to load the model, on two cores of a Zen 5 machine. */
const loadSeconds = 0.6;

/** Seconds that Lambda lets an initialization on demand take. */
const initSeconds = 10;

/** The size that the compared prices are of: the default of `stacks/settings.ts`. */
const defaultMemoryMiB = 3008;

/** The files of `docs/` that `make cost` writes, by name; without a date, so they can be compared. */
export function costFiles(): Readonly<Record<string, string>> {
  const rows = costRows({});
  return { "cost.md": costPage(rows), "cost-by-memory.svg": costChart(rows) };
}

/** The table and the comparison as Markdown, for a terminal. */
export function costTables(rows: readonly CostRow[]): string {
  return [sizeTable(rows), comparisonTable(comparedRow(rows))].join("\n\n");
}

function costPage(rows: readonly CostRow[]): string {
  const row = comparedRow(rows);
  return `${[
    "# What it costs",
    "<!-- Made by `make cost`; a test fails when it is stale. Do not edit. -->",
    "Lambda bills memory times duration. **No speed on this page was measured on Lambda:** the page compares sizes; it does not predict a bill.",
    formula(),
    "## By memory size",
    "![USD per million generated tokens by function memory and architecture](cost-by-memory.svg)",
    sizeTable(rows),
    list([
      `Published: ${publishedSpeedSource}.`,
      "Measured: a compiled engine on two cores of an AMD EPYC, with a CPU quota of memory ÷ 1,769 MB in place of Lambda's share, a model of the same shape with random weights, one run of two repetitions, 2026-11-26.",
    ]),
    "One size, or your own speed: `MEMORY=3008 make cost`, `TOKENS_PER_SECOND=20 MEMORY=3008 ARCH=arm64 make cost`. That prints the tables and writes nothing.",
    "## What comes on top",
    list(extras(row)),
    "## Compared with",
    comparisonTable(row),
    comparisonText(row),
    "## Prices",
    prices(),
    "## What is not known",
    list(unknowns),
  ].join("\n\n")}\n`;
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}`).join("\n");
}

function formula(): string {
  const example: CostRow = {
    architecture: "x86_64",
    memoryMiB: defaultMemoryMiB,
    speeds: "given",
    decode: 20,
  };
  const gb = numberText(billedGb(example.memoryMiB));
  const price = numberText(lambdaPrices.usdPerGbSecond.x86_64);
  return [
    "> USD per million tokens = GB × price of a GB-second ÷ tokens per second × 1,000,000",
    `With the speed of reading the prompt it is the price of input tokens, with that of decoding the price of output tokens. ${numberText(example.memoryMiB)} MB on x86_64 at 20 tokens per second: ${gb} × ${price} ÷ 20 × 1,000,000 = ${usd(usdPerMillionOut(example))} USD.`,
  ].join("\n\n");
}

function sizeTable(rows: readonly CostRow[]): string {
  const head = [
    "architecture, speeds",
    "memory",
    "vCPUs",
    "in, tokens/s",
    "out, tokens/s",
    "in, USD per million",
    "out, USD per million",
  ];
  return markdownTable(
    head,
    rows.map((row) => [
      `${row.architecture}, ${row.speeds}`,
      `${numberText(row.memoryMiB)} MB`,
      numberText(cpusOfMemory(row.memoryMiB), 2),
      row.prompt === undefined ? "?" : numberText(row.prompt, 0),
      numberText(row.decode, 1),
      usd(usdPerMillionIn(row)),
      usd(usdPerMillionOut(row)),
    ]),
  );
}

/** What the formula leaves out, priced for one size. */
function extras(row: CostRow): string[] {
  const { usdPerGbSecond, usdPerRequest, snapStart } = lambdaPrices;
  const gb = billedGb(row.memoryMiB);
  const size = sizeText(row);
  const loads = usdPerInvocation(row, loadSeconds * 1000) - usdPerRequest;
  const start = usdPerInvocation(row, initSeconds * 1000) - usdPerRequest;
  const snapshot = usdPerMonth(gb * snapStart.usdPerGbSecondCached);
  const restore = gb * snapStart.usdPerGbRestored;
  const restoreSeconds = snapStart.usdPerGbRestored / usdPerGbSecond[row.architecture];
  return [
    `Requests: ${usd(usdPerRequest * 1_000_000)} USD per million.`,
    `Loading the model, with llama-cli for each request: about ${numberText(loadSeconds)} s (0.5 to 0.7 s on two cores of a Zen 5 machine, not on Lambda), ${usd(loads * 1000)} USD per 1,000 requests with ${size}. llama-server loads it once.`,
    `A cold start: its initialization is billed, up to ${initSeconds} s on demand, ${usd(start * 1000)} USD per 1,000 of them.`,
    `SnapStart: ${usd(snapshot)} USD a month for the snapshot of a version, and ${usd(restore * 1000)} USD per 1,000 restores, each priced like ${numberText(restoreSeconds, 1)} s of running. It buys time, and money only where a cold start takes longer than that.`,
    `Provisioned concurrency: ${usd(usdPerMonthWaiting(row, 1))} USD a month for each environment, whether anyone calls or not.`,
    "Not counted: the free tier, the handler's own milliseconds, logs, data transfer, the image registry.",
  ];
}

function comparisonTable(row: CostRow): string {
  const own: readonly string[] = [
    `this function, ${sizeText(row)}, ${row.speeds} speeds`,
    usd(usdPerMillionIn(row)),
    usd(usdPerMillionOut(row)),
    usd(0),
    "on demand; the prompt stays in your account",
  ];
  const others = [novaMicro, ...busyAlternatives()].map((other: Alternative) => [
    other.name,
    usd(other.usdPerMillionIn),
    usd(other.usdPerMillionOut),
    usd(other.usdPerMonth),
    other.remark,
  ]);
  return markdownTable(
    ["", "in, USD per million", "out, USD per million", "USD a month without requests", ""],
    [own, ...others],
  );
}

function comparisonText(row: CostRow): string {
  const times = numberText(usdPerMillionOut(row) / novaMicro.usdPerMillionOut, 0);
  const instances = busyAlternatives().map(({ name, usdPerMonth: monthly }) => {
    const daily = (monthly * 12) / 365;
    const tokens = (daily / usdPerMillionOut(row)) * 1_000_000;
    return `${numberText(Number(tokens.toPrecision(2)))} (${name})`;
  });
  return [
    `**A generated token costs about ${times} times as much as with Nova Micro.** Reasons to run this are privacy, your own account, the same answer for the same seed, no quota of a model provider, a model that also runs offline, and batches of short answers. The price of a token is not one of them.`,
    `Steady traffic costs less on machines that are billed by the hour: from about ${instances.join(" or ")} generated tokens a day, provided that they can generate as many.`,
  ].join("\n\n");
}

function prices(): string {
  const { usdPerGbSecond } = lambdaPrices;
  const perSecond = `${numberText(usdPerGbSecond.x86_64)} USD on x86_64, ${numberText(usdPerGbSecond.arm64)} USD on arm64`;
  return `A GB-second costs ${perSecond} (${priceSource.region}, first tier, ${priceSource.text}, ${priceSource.date}). AWS's own pages could not be reached from where this was written: compare with [Lambda's](${priceSource.page}), [Bedrock's](https://aws.amazon.com/bedrock/pricing/) and [EC2's](https://aws.amazon.com/ec2/pricing/on-demand/) before relying on them. All prices of Lambda are in \`stacks/lambda-prices.ts\`, the others in \`scripts/lab/cost/alternatives.ts\`.`;
}

const unknowns = [
  "How fast Lambda decodes. The one figure found for Lambda itself is about 3.6 tokens per second on arm64, one thread, of a third party's build without the processor's dot products (manu-mishra/one-bit-llm-on-lambda, 2025-06). None was found for this model on Graviton.",
  "Whether a vCPU of Lambda does as much as a thread of these machines: the two x86_64 lines differ by a factor of 1.3 to 1.6 on two processors.",
  "How speed grows with fractions of a vCPU: published speeds are taken in proportion.",
  "How long a first start takes that reads a model of 0.8 to 1.2 GB from the image, and how much of a restore is billed.",
] as const;

/** The row of the default size at published speeds; the first where there is none. */
function comparedRow(rows: readonly CostRow[]): CostRow {
  const [first] = rows;
  const usual = rows.find(
    ({ memoryMiB, speeds }) => memoryMiB === defaultMemoryMiB && speeds === "published",
  );
  const row = usual ?? first;
  if (row === undefined) throw new RangeError("there is no size to compare");
  return row;
}

function sizeText({ memoryMiB, architecture }: CostRow): string {
  return `${numberText(memoryMiB)} MB ${architecture}`;
}

function usd(amount: number | undefined): string {
  return amount === undefined
    ? "?"
    : numberText(amount, Math.abs(amount) < 0.1 && amount !== 0 ? 3 : 2);
}
