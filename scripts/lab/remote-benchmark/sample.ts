import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { awsErrorNames } from "../../deploy/aws-failure.ts";
import {
  answerSchema,
  directResponseSchema,
  type RemoteAnswer,
} from "../../remote/answer-schema.ts";
import type { InvocationReport } from "../../remote/invocation-report.ts";
import type { InvocationAnswer } from "../../remote/invoke-function.ts";
import { type Case, setupName } from "./benchmark-plan.ts";

/** Why an invocation does not count, as the report says it. */
export const errorKinds = {
  "function-error": "the function failed",
  timeout: "cut off by the function's time limit",
  status: "status other than 200",
  "bad-answer": "answer not in the shape of the direct contract",
  throttle: "throttled by Lambda",
  service: "Lambda itself failed",
  "no-answer": "no answer, or a broken connection",
  "no-report": "Lambda's report is missing from the log's tail",
  "not-cold": "dropped: should have been cold and was not",
  "not-warm": "dropped: should have been warm and was not",
  interrupted: "in progress when the benchmark was interrupted",
} as const satisfies Record<string, string>;

/** One of {@link errorKinds}. */
export type ErrorKind = keyof typeof errorKinds;

/** Whether an error is a failure of the function or the platform, not just the wrong start. */
export function isFailure(error: ErrorKind | undefined): boolean {
  return error !== undefined && error !== "not-cold" && error !== "not-warm";
}

/** Where a sample belongs. */
interface SamplePlace extends Case {
  readonly architecture: StackConfig["architecture"];
  /** The published version's number. */
  readonly version: string;
  /** Number of the call to that version, from 1. */
  readonly call: number;
}

/** One invocation. */
export interface Sample extends SamplePlace {
  /** Lambda's figures. */
  readonly report?: InvocationReport | undefined;
  /** The function's figures, and what it calls its model. */
  readonly answer?: Pick<RemoteAnswer, "model" | "tokens_predicted" | "timings"> | undefined;
  /** `undefined` when unknown. */
  readonly costUsd: number | undefined;
  readonly error: ErrorKind | undefined;
  /** Text of the error, for the terminal only: it may hold names of the account. */
  readonly detail: string;
}

const shownCharacters = 200;

/** The sample of a call that Lambda answered. */
export function answeredSample(place: SamplePlace, answer: InvocationAnswer): Sample {
  const { report } = answer;
  const costUsd = report && usdPerInvocation(place, report.billedMs);
  return { ...place, report, costUsd, ...judge(place, answer) };
}

/** The sample of a call without an answer; a throttled one costs nothing. */
export function failedSample(place: SamplePlace, error: ErrorKind, detail = ""): Sample {
  const costUsd = error === "throttle" ? 0 : undefined;
  return { ...place, costUsd, error, detail: detail.slice(0, shownCharacters) };
}

function judge(
  { start }: SamplePlace,
  { payload, functionError, report }: InvocationAnswer,
): Pick<Sample, "answer" | "error" | "detail"> {
  const shown = payload.slice(0, shownCharacters);
  if (functionError !== undefined) {
    const isTimeout = /Sandbox\.Timedout|Task timed out after/.test(payload);
    return { error: isTimeout ? "timeout" : "function-error", detail: shown };
  }
  const response = directResponseSchema.safeParse(parsedJson(payload)).data;
  if (response === undefined) return { error: "bad-answer", detail: shown };
  if (response.statusCode !== 200) return { error: "status", detail: shown };
  const answer = answerSchema.safeParse(parsedJson(response.body)).data;
  if (answer === undefined) return { error: "bad-answer", detail: shown };
  if (answer.finish_reason === "deadline") {
    return { answer, error: "timeout", detail: "finish_reason deadline" };
  }
  if (report === undefined) return { answer, error: "no-report", detail: "" };
  // The function's `cold_start` and Lambda's report must both agree with what was asked for.
  const isNew = report.initMs !== undefined || report.restoreMs !== undefined;
  const isCold = start === "cold";
  if (answer.cold_start === isCold && isNew === isCold) {
    return { answer, error: undefined, detail: "" };
  }
  const detail = `cold_start ${answer.cold_start}, ${isNew ? "a new" : "an old"} environment`;
  return { answer, error: `not-${start}`, detail };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Errors of the SDK by name or system code. */
const refusals: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^(TooManyRequests|Throttling|EC2Throttled)Exception$/, "throttle"],
  [/^(Service|ResourceConflict|ResourceNotReady|SnapStart\w*)Exception$/, "service"],
  [/^(TimeoutError|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)$/, "no-answer"],
];

/** The kind of an error of the SDK; `undefined` for what ends the run (rights, names). */
export function refusalKind(error: unknown): ErrorKind | undefined {
  const names = awsErrorNames(error);
  const known = refusals.find(([pattern]) => names.some((name) => pattern.test(name)));
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return known?.[1] ?? (($metadata?.httpStatusCode ?? 0) >= 500 ? "service" : undefined);
}

/** One call as a line for the terminal. */
export function sampleLine(sample: Sample): string {
  const { error, detail, report, answer, start, tokensAsked } = sample;
  const what = `${setupName(sample)} ${start} ${tokensAsked} tokens`;
  if (error !== undefined) return `${what}: ${error.toUpperCase()} ${detail}`.trim();
  const { billedMs, initMs, restoreMs } = report ?? {};
  const rate = answer?.timings.predicted_per_second;
  const figures = [
    `${billedMs} ms billed`,
    initMs !== undefined && `${initMs.toFixed(0)} ms init`,
    restoreMs !== undefined && `${restoreMs.toFixed(0)} ms restore`,
    `${answer?.tokens_predicted} tokens`,
    rate && `${rate.toFixed(1)}/s`,
  ];
  return `${what}: ${figures.filter(Boolean).join(", ")}`;
}
