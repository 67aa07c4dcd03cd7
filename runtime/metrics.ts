import type { AnswerEnd, AnswerHead } from "./answer.ts";
import type { LogFields } from "./logger.ts";

/** CloudWatch's namespace of the metrics. */
export const metricsNamespace = "bitnet-lambda";

/** CloudWatch's dimension of each metric; its value is the function's name. */
export const metricsDimension = "FunctionName";

/**
 * The one table of metrics, for the log line of each answer, the dashboard and the alarms. Names are
 * OpenTelemetry's where it has one (read 2026-11), units CloudWatch's.
 */
export const metrics = {
  inputTokens: { name: "gen_ai.usage.input_tokens", unit: "Count" },
  outputTokens: { name: "gen_ai.usage.output_tokens", unit: "Count" },
  /** From the start of the engine's work; without what a request waited for the engine. */
  firstToken: { name: "gen_ai.server.time_to_first_token", unit: "Seconds" },
  /** Mean time between two tokens of an answer, after the first. */
  outputToken: { name: "gen_ai.server.time_per_output_token", unit: "Seconds" },
  duration: { name: "gen_ai.server.request.duration", unit: "Seconds" },
  /** 1 for the first request of an execution environment, else 0. */
  coldStarts: { name: "faas.coldstarts", unit: "Count" },
} as const;

/** Key of a metric. */
export type MetricKey = keyof typeof metrics;

/** The value of each metric; one that is not known has none. */
export function metricValues(
  { isColdStart }: Pick<AnswerHead, "isColdStart">,
  { usage, timings }: Pick<AnswerEnd, "usage" | "timings">,
): Readonly<Record<MetricKey, number | undefined>> {
  const { firstTokenMs, totalMs } = timings;
  const later = usage.predictedTokens - 1;
  const hasRate = firstTokenMs !== null && later > 0;
  return {
    inputTokens: usage.promptTokens ?? undefined,
    outputTokens: usage.predictedTokens,
    firstToken: firstTokenMs === null ? undefined : seconds(firstTokenMs),
    outputToken: hasRate ? seconds((totalMs - firstTokenMs) / later) : undefined,
    duration: seconds(totalMs),
    coldStarts: isColdStart ? 1 : 0,
  };
}

/** To the hundredth of a millisecond, as timings are rounded. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 1e5;
}

/**
 * Values as fields of a log line, which CloudWatch reads as metrics ("Embedded metric format", read
 * 2026-11).
 *
 * @param functionName `undefined` where nothing reads metrics: outside of Lambda
 * @param at milliseconds since 1970
 */
export function metricFields(
  values: Readonly<Record<MetricKey, number | undefined>>,
  functionName: string | undefined,
  at: number,
): LogFields {
  const known = Object.entries(metrics).flatMap(([key, { name, unit }]) => {
    const value = values[key as MetricKey];
    return value === undefined ? [] : [{ name, unit, value }];
  });
  const fields = Object.fromEntries(known.map(({ name, value }) => [name, value]));
  if (functionName === undefined) return fields;
  const directive = {
    Namespace: metricsNamespace,
    Dimensions: [[metricsDimension]],
    Metrics: known.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return {
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    [metricsDimension]: functionName,
    ...fields,
  };
}
