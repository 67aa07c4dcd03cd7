import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";

/** Which function to call. */
export interface FunctionAddress {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** An alias or a version; the unpublished version by default. */
  readonly qualifier?: string;
}

/** A call of a function. */
interface Invocation extends FunctionAddress {
  readonly event: unknown;
  readonly signal?: AbortSignal;
}

/** What Lambda returns. */
export interface InvocationAnswer {
  /** What the function returned, or what it failed with: JSON text. */
  readonly payload: string;
  /** Set when the function failed or ran out of time; the payload says why. */
  readonly functionError: string | undefined;
  /** Lambda's own figures; `undefined` where it sends none. */
  readonly report: InvocationReport | undefined;
}

/** Calls a function and waits for its answer. Rejects as the AWS SDK does. */
export async function invokeFunction(invocation: Invocation): Promise<InvocationAnswer> {
  const { client, functionName, qualifier, event, signal } = invocation;
  const answer = await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      Qualifier: qualifier,
      LogType: "Tail",
      Payload: Buffer.from(JSON.stringify(event)),
    }),
    signal && { abortSignal: signal },
  );
  return {
    payload: Buffer.from(answer.Payload ?? []).toString(),
    functionError: answer.FunctionError,
    report: parseInvocationReport(Buffer.from(answer.LogResult ?? "", "base64").toString()),
  };
}

const figure = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);

/**
 * Lambda's report at the end of an invocation, as its JSON log has it; the stacks set no other format.
 * Source: docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (read 2026-11).
 */
const metricsSchema = z
  .object({
    durationMs: z.number(),
    /** Charged time, including initialization or the restore's billed part. */
    billedDurationMs: z.number(),
    memorySizeMB: figure,
    maxMemoryUsedMB: figure,
    /** Only for a new environment. */
    initDurationMs: figure,
    /** Only for an environment restored from a SnapStart snapshot. */
    restoreDurationMs: figure,
    billedRestoreDurationMs: figure,
  })
  .transform((metrics) => ({
    durationMs: metrics.durationMs,
    billedMs: metrics.billedDurationMs,
    memoryMiB: metrics.memorySizeMB,
    memoryUsedMiB: metrics.maxMemoryUsedMB,
    initMs: metrics.initDurationMs,
    restoreMs: metrics.restoreDurationMs,
    billedRestoreMs: metrics.billedRestoreDurationMs,
  }));

const reportSchema = z.object({
  type: z.literal("platform.report"),
  record: z.object({ metrics: metricsSchema }),
});

/** Lambda's report at the end of an invocation; times in milliseconds. */
export type InvocationReport = z.output<typeof metricsSchema>;

/** The report in the last lines of an invocation's log, or `undefined`. */
export function parseInvocationReport(logTail: string): InvocationReport | undefined {
  const reports = logTail.split("\n").map((line) => reportSchema.safeParse(jsonOf(line)).data);
  return reports.findLast((report) => report !== undefined)?.record.metrics;
}

/** `undefined` for other text: the tail is the last 4 KB, and may begin within a line. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
