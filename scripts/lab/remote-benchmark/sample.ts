import type * as z from "zod";
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

/** Kinds in which the function did answer, but from the wrong kind of environment. */
const dropped: readonly ErrorKind[] = ["not-cold", "not-warm"];

/** Whether an error is a failure of the function or the platform. */
export function isFailure(error: ErrorKind | undefined): boolean {
  return error !== undefined && !dropped.includes(error);
}

/** The outcome of an invocation. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: InvocationAnswer }
  | { readonly kind: "failed"; readonly error: ErrorKind; readonly detail: string };

/** Where a sample belongs. */
export interface SamplePlace extends Case {
  readonly architecture: StackConfig["architecture"];
  /** The published version's number. */
  readonly version: string;
  /** Number of the call to that version, from 1. */
  readonly call: number;
}

/** One invocation. */
export interface Sample extends SamplePlace {
  /** Lambda's figures. */
  readonly report: InvocationReport | undefined;
  /** The function's figures, and what it calls its model. */
  readonly answer: Pick<RemoteAnswer, "model" | "tokens_predicted" | "timings"> | undefined;
  /** `undefined` when unknown. */
  readonly costUsd: number | undefined;
  readonly error: ErrorKind | undefined;
  /** Text of the error, for the terminal only: it may hold names of the account. */
  readonly detail: string;
}

/** The sample of an outcome. */
export function sampleOf(place: SamplePlace, outcome: Outcome): Sample {
  const report = outcome.kind === "answered" ? outcome.answer.report : undefined;
  const { answer, error, detail } = judge(place, outcome);
  return {
    ...place,
    report,
    answer,
    costUsd: costOf(place, report?.billedMs, error),
    error,
    detail,
  };
}

/** A throttled call costs nothing; without a report the cost is unknown. */
function costOf(
  place: SamplePlace,
  billedMs: number | undefined,
  error: ErrorKind | undefined,
): number | undefined {
  if (billedMs !== undefined) return usdPerInvocation(place, billedMs);
  return error === "throttle" ? 0 : undefined;
}

interface Judgement {
  readonly answer?: RemoteAnswer;
  readonly error: ErrorKind | undefined;
  readonly detail: string;
}

const shownCharacters = 200;

function judge(place: SamplePlace, outcome: Outcome): Judgement {
  if (outcome.kind === "failed") return { error: outcome.error, detail: outcome.detail };
  const { payload, functionError } = outcome.answer;
  const detail = payload.slice(0, shownCharacters);
  if (functionError !== undefined) return { error: functionErrorKind(payload), detail };
  const response = parsed(directResponseSchema, payload);
  if (response === undefined) return { error: "bad-answer", detail };
  if (response.statusCode !== 200) return { error: "status", detail };
  const answer = parsed(answerSchema, response.body);
  if (answer === undefined) return { error: "bad-answer", detail };
  return { answer, ...startProblem(place, answer, outcome.answer) };
}

/** `{"errorType":"Sandbox.Timedout","errorMessage":"… Task timed out after 300.00 seconds"}` */
function functionErrorKind(payload: string): ErrorKind {
  return /Sandbox\.Timedout|Task timed out after/.test(payload) ? "timeout" : "function-error";
}

/** The function's `cold_start` and Lambda's report must both agree with what was asked for. */
function startProblem(
  { start }: SamplePlace,
  { cold_start, finish_reason }: RemoteAnswer,
  { report }: InvocationAnswer,
): Judgement {
  if (finish_reason === "deadline") return { error: "timeout", detail: "finish_reason deadline" };
  if (report === undefined) return { error: "no-report", detail: "" };
  const isNew = report.initMs !== undefined || report.restoreMs !== undefined;
  const detail = `cold_start ${cold_start}, ${isNew ? "a new" : "an old"} environment`;
  if (start === "cold" && !(cold_start && isNew)) return { error: "not-cold", detail };
  if (start === "warm" && (cold_start || isNew)) return { error: "not-warm", detail };
  return { error: undefined, detail: "" };
}

function parsed<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Errors of the SDK by name or system code. */
const refusals: Readonly<Record<string, ErrorKind>> = {
  TooManyRequestsException: "throttle",
  ThrottlingException: "throttle",
  EC2ThrottledException: "throttle",
  ServiceException: "service",
  ResourceConflictException: "service",
  ResourceNotReadyException: "service",
  SnapStartException: "service",
  SnapStartNotReadyException: "service",
  SnapStartTimeoutException: "service",
  TimeoutError: "no-answer",
  ECONNRESET: "no-answer",
  ECONNREFUSED: "no-answer",
  EPIPE: "no-answer",
  ETIMEDOUT: "no-answer",
  EAI_AGAIN: "no-answer",
  ENOTFOUND: "no-answer",
};

/** The outcome of a call that the SDK rejects; `undefined` for what ends the run (rights, names). */
export function refusalOf(error: unknown): Outcome | undefined {
  const { message = "", $metadata } = error as {
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const known = awsErrorNames(error)
    .map((name) => refusals[name])
    .find((kind) => kind !== undefined);
  const kind = known ?? (($metadata?.httpStatusCode ?? 0) >= 500 ? "service" : undefined);
  return kind && { kind: "failed", error: kind, detail: message.slice(0, shownCharacters) };
}

/** One call as a line for the terminal. */
export function sampleLine(sample: Sample): string {
  const what = `${setupName(sample)} ${sample.start} ${sample.tokensAsked} tokens`;
  return `${what}: ${resultText(sample)}`;
}

function resultText({ error, detail, report, answer }: Sample): string {
  if (error !== undefined) return `${error.toUpperCase()} ${detail}`.trim();
  const { billedMs, initMs, restoreMs } = report ?? {};
  const rate = answer?.timings.predicted_per_second;
  return [
    `${billedMs} ms billed`,
    ...(initMs === undefined ? [] : [`${initMs.toFixed(0)} ms init`]),
    ...(restoreMs === undefined ? [] : [`${restoreMs.toFixed(0)} ms restore`]),
    `${answer?.tokens_predicted} tokens`,
    ...(rate ? [`${rate.toFixed(1)}/s`] : []),
  ].join(", ");
}
