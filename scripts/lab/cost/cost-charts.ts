import { instances } from "../../../stacks/lambda-prices.ts";
import { type LineChart, lineChart } from "../charts/line-chart.ts";
import type { Line, Point } from "../charts/line-plot.ts";
import { numberText } from "../charts/number-text.ts";
import { type CostPoint, requestSeconds } from "./cost-point.ts";
import { instanceSeconds } from "./cost-points.ts";
import { breakEven, cheapestOf, fastestOf, roundText, usdPerMillion } from "./cost-tables.ts";
import {
  type DailyCost,
  dailyCost,
  secondsPerDay,
  startKinds,
  type Traffic,
  usdOfDay,
} from "./daily-cost.ts";

/** USD for a million tokens by memory, a line for each architecture and engine. */
export function memoryChart(points: readonly CostPoint[], traffic: Traffic, note: string): string {
  const [cheapest, fastest] = [cheapestOf(points, traffic), fastestOf(points, traffic)];
  const mark = (label: string, point: CostPoint | undefined) =>
    point === undefined ? [] : [{ x: point.memoryMiB, y: usdPerMillion(point, traffic), label }];
  return lineChart({
    title: "What a million tokens cost, by function memory",
    description: [["Cheapest", cheapest] as const, ["Fastest", fastest] as const]
      .map(
        ([what, point]) => `${what}: ${point === undefined ? "none" : pointText(point, traffic)}.`,
      )
      .join(" "),
    note,
    x: { label: "function memory, MB (1,769 MB are one vCPU)", ticks: memoryTicks(points) },
    y: { label: "USD per million generated tokens, on demand" },
    lines: memoryLines(points, traffic),
    marks: [...mark("cheapest", cheapest), ...mark("fastest", fastest)],
  });
}

/** `x86_64, llama-cli, 3,008 MB: 2.71 USD per million tokens, 6.6 s a request`. */
export function pointText(point: CostPoint, traffic: Traffic): string {
  const { architecture, engine, memoryMiB } = point;
  const usd = usdPerMillion(point, traffic).toFixed(2);
  const seconds = requestSeconds(point, traffic.answerTokens).toFixed(1);
  return `${architecture}, ${engine}, ${numberText(memoryMiB)} MB: ${usd} USD per million tokens, ${seconds} s a request`;
}

function memoryLines(points: readonly CostPoint[], traffic: Traffic): Line[] {
  const names = [...new Set(points.map(lineName))];
  return names.map((label) => ({
    label,
    points: points
      .filter((point) => lineName(point) === label)
      .map((point) => ({ x: point.memoryMiB, ...usdSpread(point, traffic) })),
  }));
}

function lineName({ architecture, engine }: CostPoint): string {
  return `${architecture}, ${engine}`;
}

/** A slow run costs more, a fast one less. */
function usdSpread(point: CostPoint, traffic: Traffic): Omit<Point, "x"> {
  const { spread } = point;
  const median = usdPerMillion(point, traffic);
  if (spread === undefined) return { median };
  const at = (tokensPerSecond: number) => usdPerMillion({ ...point, tokensPerSecond }, traffic);
  return { median, low: at(spread.high), high: at(spread.low) };
}

const cpuSteps = [1769, 3538, 5307, 7076, 8845, 10_240] as const;

/** Whole vCPUs, or the sizes themselves where there are few. */
function memoryTicks(points: readonly CostPoint[]): number[] {
  const sizes = [...new Set(points.map(({ memoryMiB }) => memoryMiB))];
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return sizes.length <= cpuSteps.length
    ? sizes
    : cpuSteps.filter((size) => size >= least && size <= most);
}

/** USD a day by tokens a day for one architecture: each way to start, and the instance. */
export function trafficChart(
  chosen: readonly CostPoint[],
  points: readonly CostPoint[],
  traffic: Traffic,
  note: string,
): string {
  const [first] = chosen;
  if (first === undefined) throw new RangeError("a chart of traffic needs at least one function");
  const even = breakEven(first, points, traffic);
  const { name, usdPerHour } = instances[first.architecture];
  const instanceUsd = usdPerHour * 24;
  const tokens = `${roundText(even.tokensPerDay)} tokens a day`;
  const chart: Omit<LineChart, "title" | "description"> = {
    note: `${note}; the instance's line ends where it is busy all day`,
    x: { label: "generated tokens a day", scale: "log" },
    y: { label: "USD a day", scale: "log" },
    lines: [...functionLines(chosen, traffic), instanceLine(first, points, traffic)],
    marks: [{ x: even.tokensPerDay, y: instanceUsd, label: `break-even: ${tokens}` }],
  };
  return lineChart({
    ...chart,
    title: `What a day costs, by traffic: ${numberText(first.memoryMiB)} MB, ${first.architecture}`,
    description: `On demand, ${first.engine} costs what an always-on ${name} does, ${instanceUsd.toFixed(2)} USD a day, at ${tokens}, ${roundText(even.requestsPerDay)} requests.`,
  });
}

/** Each engine on demand, and the resident one in the other ways as well. */
function functionLines(chosen: readonly CostPoint[], traffic: Traffic): Line[] {
  const kinds = (point: CostPoint) =>
    point.engine === "llama-server" ? startKinds : (["on demand"] as const);
  return chosen.flatMap((point) =>
    kinds(point).map((kind) => {
      const cost = dailyCost(kind, point, traffic);
      return {
        label: `${point.engine}, ${kind}`,
        isWithoutPoints: true,
        points: trafficSteps(cost, traffic).map((tokens) => ({
          x: tokens,
          median: usdOfDay(cost, tokens / traffic.answerTokens),
        })),
      };
    }),
  );
}

/** Tokens a day from a thousand to ten million. */
const steps = [3, 4, 5, 6].flatMap((power) =>
  [1, 1.5, 2, 3, 5, 7].map((factor) => factor * 10 ** power),
);
const lastStep = 10_000_000;

/** The steps, and where a line bends. */
function trafficSteps({ capacity }: DailyCost, { answerTokens }: Traffic): number[] {
  const bend = capacity * answerTokens;
  return [...steps, lastStep, ...(bend < lastStep ? [bend] : [])].sort((a, b) => a - b);
}

/** Always the same, up to all that it can do. */
function instanceLine(
  { architecture }: CostPoint,
  points: readonly CostPoint[],
  { answerTokens }: Traffic,
): Line {
  const { name, usdPerHour } = instances[architecture];
  const seconds = instanceSeconds(architecture, points, answerTokens) ?? Number.NaN;
  const most = (secondsPerDay / seconds) * answerTokens;
  return {
    label: `${name}, always on`,
    points: [steps[0] ?? 1, most].map((x) => ({ x, median: usdPerHour * 24 })),
  };
}
