import {
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import { resourceName } from "../../../stacks/resource-names.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { askAws, awsErrorNames, awsFailure } from "../../deploy/aws-failure.ts";
import type { DeploymentDependencies } from "../../deploy/deployment-dependencies.ts";
import {
  answerSchema,
  directResponseSchema,
  type RemoteAnswer,
} from "../../remote/answer-schema.ts";
import {
  type InvocationAnswer,
  type InvocationReport,
  invokeFunction,
} from "../../remote/invoke-function.ts";
import { type Case, caseName, worstCaseUsd } from "./benchmark-plan.ts";

/** One invocation. */
export interface Sample extends Case {
  /** The published version's number. */
  readonly version: string;
  /** Lambda's figures. */
  readonly report?: InvocationReport | undefined;
  /** The function's figures, and what it calls its model. */
  readonly answer?: Pick<RemoteAnswer, "model" | "tokens_predicted" | "timings">;
  /** By Lambda's report; without one, the most that the call can have cost. */
  readonly costUsd: number;
  /** Why it does not count. */
  readonly error?: string;
  /** What was returned, for the terminal only: it may hold names of the account. */
  readonly detail: string;
}

/** Characters of an answer that the terminal shows. */
const shownCharacters = 200;

/** The same prompt each time, with much to say, so that few answers end early. */
const prompt =
  "User: Explain in detail, step by step, how a bicycle is built and what each of its parts is for.\n\nAssistant:";

/**
 * Publishes a version and waits until it can be invoked: its first invocation is a cold start.
 *
 * @param number differs from the version before; AWS publishes nothing without a change
 * @returns the version's number
 * @throws UserError with AWS's reason
 */
export async function publishVersion(
  config: StackConfig,
  number: number,
  abortSignal: AbortSignal,
): Promise<string> {
  const FunctionName = resourceName(config, "function");
  const client = new LambdaClient({ region: config.region, maxAttempts: 8 });
  const waiter = { client, abortSignal, minDelay: 1, maxDelay: 5 };
  return askAws(`publishing a version of ${FunctionName}`, async () => {
    const change = { FunctionName, Description: `make benchmark-remote #${number}` };
    await client.send(new UpdateFunctionConfigurationCommand(change));
    await waitUntilFunctionUpdatedV2({ ...waiter, maxWaitTime: 5 * 60 }, { FunctionName });
    const { Version = "" } = await client.send(new PublishVersionCommand({ FunctionName }));
    // A version of a container image takes minutes, with SnapStart above all.
    const published = { FunctionName, Qualifier: Version };
    await waitUntilPublishedVersionActive({ ...waiter, maxWaitTime: 15 * 60 }, published);
    return Version;
  });
}

/** Calls a version once. @throws UserError for what ends the run: rights, names */
export async function callVersion(
  { config, clients }: Pick<DeploymentDependencies, "config" | "clients">,
  one: Case,
  version: string,
  signal: AbortSignal,
): Promise<Sample> {
  const functionName = resourceName(config, "function");
  const mostUsd = worstCaseUsd(config, one.memoryMiB);
  // Greedy, without a stop text.
  const event = { prompt, n_predict: one.tokensAsked, temperature: 0 };
  try {
    // This client makes no second try, and waits as long as the function may run.
    const address = { client: clients.lambda, functionName, qualifier: version };
    const invoked = await invokeFunction({ ...address, event, signal });
    const { report, payload } = invoked;
    const costUsd = report ? usdPerInvocation({ ...config, ...one }, report.billedMs) : mostUsd;
    const detail = payload.slice(0, shownCharacters);
    return { ...one, version, report, costUsd, detail, ...judge(invoked, one) };
  } catch (failure) {
    const error = signal.aborted ? "interrupted" : refusalOf(failure);
    if (error === undefined) throw awsFailure(`invoking ${functionName}:${version}`, failure);
    const costUsd = error === "throttled" ? 0 : mostUsd;
    return { ...one, version, costUsd, error, detail: String(failure) };
  }
}

/** What an answer says, and why it does not count. */
function judge(
  { payload, functionError, report }: InvocationAnswer,
  { start }: Case,
): Pick<Sample, "answer" | "error"> {
  if (functionError !== undefined) {
    const isTimeout = /Sandbox\.Timedout|Task timed out after/.test(payload);
    return { error: isTimeout ? "time limit" : "function error" };
  }
  try {
    const { statusCode, body } = directResponseSchema.parse(JSON.parse(payload));
    if (statusCode !== 200) return { error: `status ${statusCode}` };
    const answer = answerSchema.parse(JSON.parse(body));
    if (answer.finish_reason === "deadline") return { answer, error: "time limit" };
    if (report === undefined) return { answer, error: "no report" };
    // The function's `cold_start` and Lambda's report must both agree with what was asked for.
    const isNew = report.initMs !== undefined || report.restoreMs !== undefined;
    const isAsAsked = [answer.cold_start, isNew].every((isCold) => isCold === (start === "cold"));
    return isAsAsked ? { answer } : { answer, error: `not ${start}` };
  } catch {
    return { error: "bad answer" };
  }
}

/** Errors of the SDK that do not end the run, by name or system code. */
const refusals: readonly (readonly [string, RegExp])[] = [
  ["throttled", /^(TooManyRequests|Throttling|EC2Throttled)Exception$/],
  ["service error", /^(Service|ResourceConflict|ResourceNotReady|SnapStart\w*)Exception$/],
  ["no answer", /^(TimeoutError|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)$/],
];

/** Which of them an error is; `undefined` for what ends the run. */
function refusalOf(failure: unknown): string | undefined {
  const names = awsErrorNames(failure);
  const known = refusals.find(([, pattern]) => names.some((name) => pattern.test(name)));
  const { $metadata } = failure as { $metadata?: { httpStatusCode?: number } };
  return known?.[0] ?? (($metadata?.httpStatusCode ?? 0) >= 500 ? "service error" : undefined);
}

/** One call as a line for the terminal. */
export function sampleLine(sample: Sample): string {
  const { error, detail, report, answer } = sample;
  if (error !== undefined) return `${caseName(sample)}: ${error.toUpperCase()} ${detail}`;
  const startMs = report?.initMs ?? report?.restoreMs;
  const start = startMs === undefined ? "" : `, ${startMs.toFixed(0)} ms to start`;
  const rate = answer?.timings.predicted_per_second?.toFixed(1) ?? "?";
  return `${caseName(sample)}: ${report?.billedMs} ms billed${start}, ${answer?.tokens_predicted} tokens, ${rate}/s`;
}
