import type * as z from "zod";
import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import { awsErrorNames } from "../../deploy/aws-failure.ts";
import {
  answerSchema,
  directResponseSchema,
  type RemoteAnswer,
} from "../../remote/answer-schema.ts";
import type { InvocationAnswer } from "../../remote/invoke-function.ts";
import type { Case } from "./benchmark-plan.ts";
import type { FunctionState } from "./function-state.ts";

/** Why an invocation is no sample of its case, in words for the report. */
export const errorKinds = {
  "function-error": "the function failed",
  timeout: "cut short by the function's time limit",
  status: "answered with another status than 200",
  "bad-answer": "answered in another shape than the direct contract's",
  throttle: "refused by Lambda: too many at once",
  service: "Lambda itself failed",
  "no-answer": "no answer, or a broken connection",
  "no-report": "Lambda's report is not in the log's tail",
  "not-cold": "dropped: should have been cold and was not",
  "not-warm": "dropped: should have been warm and was not",
  interrupted: "under way when the benchmark was interrupted",
} as const satisfies Record<string, string>;

/** One of {@link errorKinds}. */
export type ErrorKind = keyof typeof errorKinds;

/** Kinds that say nothing against the function: it answered well, only not from where it should. */
const dropped: readonly ErrorKind[] = ["not-cold", "not-warm"];

/** Whether an error speaks against the function or the platform. */
export function isFailure(error: ErrorKind | undefined): boolean {
  return error !== undefined && !dropped.includes(error);
}

/** What came of calling the function. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: InvocationAnswer }
  /** No answer of the function's. */
  | { readonly kind: "failed"; readonly error: ErrorKind; readonly detail: string };

/** One invocation. What is not known is `undefined`. */
export interface Sample extends Case {
  readonly architecture: FunctionState["architecture"];
  /** The published version's number. */
  readonly version: string;
  /** Which call of that version it was, from 1. */
  readonly call: number;
  readonly tokensMade: number | undefined;
  readonly initMs: number | undefined;
  readonly restoreMs: number | undefined;
  readonly durationMs: number | undefined;
  readonly billedMs: number | undefined;
  readonly memoryUsedMiB: number | undefined;
  /** By the answer's own timings. */
  readonly totalMs: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly tokensPerSecond: number | undefined;
  readonly costUsd: number | undefined;
  /** What the function calls its model. */
  readonly model: string | undefined;
  readonly error: ErrorKind | undefined;
  /** What was said with the error, for the terminal only: it may hold names of the account. */
  readonly detail: string;
}

/** The place of a sample in the plan. */
export type SamplePlace = Case & Pick<Sample, "architecture" | "version" | "call">;

/** A sample of what came back. */
export function sampleOf(place: SamplePlace, outcome: Outcome): Sample {
  const report = outcome.kind === "answered" ? outcome.answer.report : undefined;
  const { answer, error, detail } = judge(place, outcome);
  return {
    ...place,
    tokensMade: answer?.tokens_predicted,
    initMs: report?.initMs,
    restoreMs: report?.restoreMs,
    durationMs: report?.durationMs,
    billedMs: report?.billedMs,
    memoryUsedMiB: report?.memoryUsedMiB,
    totalMs: answer?.timings.total_ms,
    firstTokenMs: answer?.timings.first_token_ms ?? undefined,
    tokensPerSecond: answer?.timings.predicted_per_second ?? undefined,
    costUsd: costOf(place, report?.billedMs, error),
    model: answer?.model,
    error,
    detail,
  };
}

/** A refused invocation costs nothing; of one without a report the cost is not known. */
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

/** Both must say it: the function of itself, and Lambda of the environment. */
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

/** What the SDK rejects with when there is no answer, by name or system code. */
const refusals: Readonly<Record<string, ErrorKind>> = {
  TooManyRequestsException: "throttle",
  ThrottlingException: "throttle",
  EC2ThrottledException: "throttle",
  ServiceException: "service",
  EC2UnexpectedException: "service",
  ENILimitReachedException: "service",
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

/** What kind a rejected call is of; `undefined` when going on makes no sense (rights, names). */
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
