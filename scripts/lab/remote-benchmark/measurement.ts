import {
  type LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { usdPerInvocation } from "../../../stacks/lambda-prices.ts";
import type { StackConfig } from "../../../stacks/settings-schema.ts";
import { askAws, awsErrorNames, awsFailure } from "../../deploy/aws-failure.ts";
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
import {
  type Case,
  callsOf,
  caseName,
  requireBudget,
  type Setup,
  setupName,
  sum,
  worstCaseUsd,
} from "./benchmark-plan.ts";
import type { BenchmarkSettings } from "./benchmark-settings.ts";

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

interface Measurement {
  /** Should retry what AWS throttles. */
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly signal: AbortSignal;
  readonly settings: BenchmarkSettings;
  readonly config: StackConfig;
  /** Invokes once, without retries, and waits as long as the function may run. */
  readonly invoker: LambdaClient;
  readonly deploy: (setup: Setup) => Promise<void>;
  readonly writeLine: (line: string) => void;
  /** Filled while it runs, so that they are there when it fails halfway. */
  readonly samples: Sample[];
  /** Rejects when the signal is aborted. */
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Failures in a row after which a setup is given up: each may cost its whole time limit. */
const failuresToGiveUp = 3;

/** Pause after the first throttled call in milliseconds; doubled for each further one in a row. */
const throttlePauseMs = 2000;

/** Characters of an answer that the terminal shows. */
const shownCharacters = 200;

/** The same prompt each time, with much to say, so that few answers end early. */
const prompt =
  "User: Explain in detail, step by step, how a bicycle is built and what each of its parts is for.\n\nAssistant:";

/**
 * Measures one setup after the other, one invocation at a time.
 *
 * @throws BudgetReached; the signal's reason when interrupted; UserError when AWS refuses something
 */
export async function measure(run: Measurement): Promise<void> {
  const { samples, settings, config, signal, writeLine } = run;
  const givenUp = new Set<string>();
  let deployed = "";
  let version = "";
  for (const one of callsOf(settings)) {
    const setup = setupName(one);
    if (givenUp.has(setup)) continue;
    signal.throwIfAborted();
    requireBudget(settings, config, one, spentUsd(samples));
    if (setup !== deployed) await run.deploy(one);
    deployed = setup;
    if (one.start === "cold")
      version = await publishVersion(run, `make benchmark-remote #${samples.length + 1}`);
    await measureCase(run, one, version);
    if (!isGivenUp(samples)) continue;
    givenUp.add(setup);
    writeLine(`${setup} is given up after repeated failures`);
  }
  signal.throwIfAborted();
}

/** A throttled call has not reached the version, so it is made again: a cold start stays cold. */
async function measureCase(run: Measurement, one: Case, version: string): Promise<void> {
  const { samples, settings, writeLine, pause } = run;
  for (let pauseMs = throttlePauseMs; ; pauseMs *= 2) {
    const sample = { ...one, version, ...(await call(run, one, version)) };
    samples.push(sample);
    const place = `[${samples.length}/${callsOf(settings).length}]`;
    writeLine(`${place} ${sampleLine(sample)}; ${spentUsd(samples).toFixed(4)} USD so far`);
    if (sample.error !== "throttled" || isGivenUp(samples)) return;
    await pause(pauseMs);
  }
}

/** Whether the last calls all failed, in one setup; the wrong kind of start is no failure. */
function isGivenUp(samples: readonly Sample[]): boolean {
  const last = samples.slice(-failuresToGiveUp);
  const failed = last.filter(({ error = "not" }) => !error.startsWith("not"));
  return failed.length === failuresToGiveUp && new Set(failed.map(setupName)).size === 1;
}

/** USD of all calls so far. */
function spentUsd(samples: readonly Sample[]): number {
  return sum(samples.map(({ costUsd }) => costUsd));
}

/** What a call finds, without its place in the plan. */
type Finding = Omit<Sample, keyof Case | "version">;

async function call(run: Measurement, one: Case, version: string): Promise<Finding> {
  const { config, invoker: client, functionName, signal } = run;
  const mostUsd = worstCaseUsd(config, one.memoryMiB);
  // Greedy, without a stop text.
  const event = { prompt, n_predict: one.tokensAsked, temperature: 0 };
  try {
    const invocation = { client, functionName, qualifier: version, event, signal };
    const invoked = await invokeFunction(invocation);
    const { report, payload } = invoked;
    const costUsd = report ? usdPerInvocation({ ...config, ...one }, report.billedMs) : mostUsd;
    return { report, costUsd, detail: payload.slice(0, shownCharacters), ...judge(invoked, one) };
  } catch (failure) {
    const error = signal.aborted ? "interrupted" : refusalOf(failure);
    if (error === undefined) throw awsFailure(`invoking ${functionName}:${version}`, failure);
    return { costUsd: error === "throttled" ? 0 : mostUsd, error, detail: String(failure) };
  }
}

/** What an answer says, and why it does not count. */
export function judge(
  { payload, functionError, report }: InvocationAnswer,
  { start }: Pick<Case, "start">,
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

/** Which of them an error is; `undefined` for what ends the run (rights, names). */
function refusalOf(failure: unknown): string | undefined {
  const names = awsErrorNames(failure);
  const known = refusals.find(([, pattern]) => names.some((name) => pattern.test(name)));
  const { $metadata } = failure as { $metadata?: { httpStatusCode?: number } };
  return known?.[0] ?? (($metadata?.httpStatusCode ?? 0) >= 500 ? "service error" : undefined);
}

/** One call as a line for the terminal. */
function sampleLine(sample: Sample): string {
  const { error, detail, report, answer } = sample;
  if (error !== undefined) return `${caseName(sample)}: ${error.toUpperCase()} ${detail}`;
  const startMs = report?.initMs ?? report?.restoreMs;
  const start = startMs === undefined ? "" : `, ${startMs.toFixed(0)} ms to start`;
  const rate = answer?.timings.predicted_per_second?.toFixed(1) ?? "?";
  return `${caseName(sample)}: ${report?.billedMs} ms billed${start}, ${answer?.tokens_predicted} tokens, ${rate}/s`;
}

/**
 * Publishes a version and waits until it can be invoked: its first invocation is a cold start.
 *
 * @param description differs from the version before; AWS publishes nothing without a change
 * @returns the version's number
 * @throws UserError with AWS's reason
 */
export async function publishVersion(
  {
    client,
    functionName: FunctionName,
    signal,
  }: Pick<Measurement, "client" | "functionName" | "signal">,
  description: string,
): Promise<string> {
  const waiter = { client, abortSignal: signal, minDelay: 1, maxDelay: 5 };
  return askAws(`publishing a version of ${FunctionName}`, async () => {
    const change = { FunctionName, Description: description };
    await client.send(new UpdateFunctionConfigurationCommand(change));
    await waitUntilFunctionUpdatedV2({ ...waiter, maxWaitTime: 5 * 60 }, { FunctionName });
    const { Version = "" } = await client.send(new PublishVersionCommand({ FunctionName }));
    // A version of a container image takes minutes, with SnapStart above all.
    const published = { FunctionName, Qualifier: Version };
    await waitUntilPublishedVersionActive({ ...waiter, maxWaitTime: 15 * 60 }, published);
    return Version;
  });
}
