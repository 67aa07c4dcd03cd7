import { readFileSync } from "node:fs";
import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import {
  billedGb,
  lambdaPrices,
  usdPerInvocation,
  usdPerMonth,
} from "../../../stacks/lambda-prices.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { publishedSpeedSource, usdPerMonthWaiting } from "../../review/token-cost.ts";
import { type Line, lineChartSvg } from "../charts/charts.ts";
import { fillTables } from "../fill-tables.ts";
import { numberText } from "../number-text.ts";
import { type Alternative, busyAlternatives, novaMicro } from "./alternatives.ts";
import { type CostRow, costRows, usdPerMillionIn, usdPerMillionOut } from "./cost-rows.ts";

/** Seconds that llama-cli takes to load the model, on two cores of a Zen 5 machine. */
const loadSeconds = 0.6;

/** Seconds that Lambda lets an initialization on demand take. */
const initSeconds = 10;

/** The size that the compared prices are of: the default of `stacks/settings.ts`. */
const defaultMemoryMiB = 3008;

/** The files of `docs/` that `make cost` writes, by name: the page's tables, and its chart. */
export function costFiles(): Readonly<Record<string, string>> {
  const rows = costRows({});
  const row = comparedRow(rows);
  const page = fillTables(readFileSync("docs/cost.md", "utf8"), {
    sizes: `${sizeTable(rows)}\n\nPublished: ${publishedSpeedSource}.`,
    extras: extras(row),
    comparison: `${comparisonTable(row)}\n\n${comparisonText(row)}`,
  });
  return { "cost.md": page, "cost-by-memory.svg": costChart(rows) };
}

/** The table and the comparison as Markdown, for a terminal. */
export function costTables(rows: readonly CostRow[]): string {
  return [sizeTable(rows), comparisonTable(comparedRow(rows))].join("\n\n");
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
function extras(row: CostRow): string {
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
  ]
    .map((sentence) => `- ${sentence}`)
    .join("\n");
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
  return `**A generated token costs about ${times} times as much as with Nova Micro.** Steady traffic costs less on machines that are billed by the hour: from about ${instances.join(" or ")} generated tokens a day, provided that they can generate as many.`;
}

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

/** Whole vCPUs, and the most memory that a function can have. */
const memoryTicks = [1769, 3538, 5307, 7076, 8845, 10_240] as const;
const usdTicks = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

/** USD for a million generated tokens by memory: a line for each architecture and kind of speeds. */
function costChart(rows: readonly CostRow[]): string {
  const sizes = rows.map(({ memoryMiB }) => memoryMiB);
  const price = (memoryMiB: number) => ({ x: memoryMiB, y: novaMicro.usdPerMillionOut });
  const lines: Line[] = [
    ...linesOf(rows),
    {
      label: "Nova Micro on Bedrock",
      meaning: "limit",
      isDashed: true,
      points: [price(Math.min(...sizes)), price(Math.max(...sizes))],
    },
  ];
  return lineChartSvg({
    title: "What a million generated tokens cost, by function memory",
    description: lines.map(lineText).join("; "),
    note: "logarithmic; decoding alone, on demand, us-east-1",
    source:
      "Speeds: bitnet.cpp's published ones, or measured on two cores of an AMD EPYC with a CPU quota; none on Lambda.",
    x: {
      label: "function memory, MB (1,769 MB are one vCPU)",
      ticks: memoryTicks,
      from: Math.min(...sizes),
    },
    y: { label: "USD per million generated tokens", scale: "log", ticks: usdTicks },
    lines,
  });
}

function linesOf(rows: readonly CostRow[]): Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const label = `${row.architecture}, ${row.speeds}`;
    const points = [...(lines.get(label)?.points ?? [])];
    points.push({ x: row.memoryMiB, y: usdPerMillionOut(row) });
    lines.set(label, { label, meaning: row.architecture, points });
  }
  return [...lines.values()];
}

/** `arm64, published: 4.19 to 5.03 USD`. */
function lineText({ label, points }: Line): string {
  const prices = points.map(({ y }) => y);
  const ends = [Math.min(...prices), Math.max(...prices)].map((usd) => numberText(usd, 2));
  return `${label}: ${[...new Set(ends)].join(" to ")} USD`;
}
