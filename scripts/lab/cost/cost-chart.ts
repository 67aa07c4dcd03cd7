import { type Line, lineChartSvg } from "../charts/charts.ts";
import { numberText } from "../number-text.ts";
import { novaMicro } from "./alternatives.ts";
import { type CostRow, usdPerMillionOut } from "./cost-rows.ts";

/** Whole vCPUs, and the most memory that a function can have. */
const memoryTicks = [1769, 3538, 5307, 7076, 8845, 10_240] as const;
const usdTicks = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

/** USD for a million generated tokens by memory: a line for each architecture and kind of speeds. */
export function costChart(rows: readonly CostRow[]): string {
  const sizes = rows.map(({ memoryMiB }) => memoryMiB);
  const price = (memoryMiB: number) => ({ x: memoryMiB, median: novaMicro.usdPerMillionOut });
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
    points.push({ x: row.memoryMiB, median: usdPerMillionOut(row) });
    lines.set(label, { label, meaning: row.architecture, points });
  }
  return [...lines.values()];
}

/** `arm64, published: 4.19 to 5.03 USD`. */
function lineText({ label, points }: Line): string {
  const prices = points.map(({ median }) => median);
  const ends = [Math.min(...prices), Math.max(...prices)].map((usd) => numberText(usd, 2));
  return `${label}: ${[...new Set(ends)].join(" to ")} USD`;
}
