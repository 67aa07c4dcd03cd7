import { requireApiKey } from "./api-key.ts";
import type { Config } from "./config.ts";
import { requestOfEvent } from "./direct-event.ts";
import {
  type Answer,
  answerResponse,
  type DirectResponse,
  directError,
} from "./direct-response.ts";
import type { Engine } from "./engine/engine.ts";
import { type AppError, toAppError } from "./errors.ts";
import { generate } from "./generate.ts";
import type { Log, LogFields } from "./logger.ts";
import { errorResponse } from "./openai/error-response.ts";
import { parseRequest } from "./request.ts";

/** What Lambda tells of an invocation; the part used here. */
export interface InvocationContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What a direct invocation stands on. */
export interface DirectInvocationParts {
  readonly config: Pick<Config, "modelName" | "deadlineReserveMs" | "apiKeySha256">;
  readonly engine: Engine;
  readonly log: Log;
  /** A random whole number from 0 to 2^32-2. */
  readonly drawSeed: () => number;
}

/** The Lambda handler of the direct contract: event in, `{statusCode, body}` out, never throws. */
export type DirectInvocation = (
  event: unknown,
  context: InvocationContext,
) => Promise<DirectResponse>;

/** A direct invocation handler. Its first call is the cold start. */
export function createDirectInvocation(parts: DirectInvocationParts): DirectInvocation {
  let isColdStart = true;
  return async (event, context) => {
    const isFirst = isColdStart;
    isColdStart = false;
    try {
      const answer = await answerEvent(parts, event, context, isFirst);
      parts.log("info", "answered", answerFields(answer, context.awsRequestId));
      return answerResponse(answer);
    } catch (thrown) {
      const error = toAppError(thrown);
      const { status, body } = errorResponse(error, context.awsRequestId);
      parts.log("error", "failed", errorFields(error, status, context.awsRequestId));
      return directError(status, body);
    }
  };
}

async function answerEvent(
  { config, engine, drawSeed }: DirectInvocationParts,
  event: unknown,
  context: InvocationContext,
  isColdStart: boolean,
): Promise<Answer> {
  requireApiKey(event, config.apiKeySha256);
  const request = parseRequest(requestOfEvent(event), drawSeed);
  const timeMs = context.getRemainingTimeInMillis() - config.deadlineReserveMs;
  // Lambda does not tell a direct invocation that its caller has gone.
  const signal = new AbortController().signal;

  let content = "";
  for await (const step of generate(engine, request, { signal, timeMs })) {
    if (step.type === "text-delta") {
      content += step.text;
      continue;
    }
    const { finishReason, usage, timings } = step;
    const { settings } = request;
    return {
      content,
      model: config.modelName,
      finishReason,
      usage,
      timings,
      settings,
      isColdStart,
    };
  }
  throw new Error("the generation had no end");
}

function answerFields(answer: Answer, requestId: string): LogFields {
  const { usage, timings } = answer;
  return {
    request_id: requestId,
    status: 200,
    finish_reason: answer.finishReason,
    tokens_evaluated: usage.promptTokens,
    tokens_predicted: usage.predictedTokens,
    first_token_ms: timings.firstTokenMs,
    total_ms: timings.totalMs,
    predicted_per_second: timings.predictedTokensPerSecond,
    cold_start: answer.isColdStart,
  };
}

/** Of a refused request only the number of problems: field names may be the caller's own words. */
function errorFields(error: AppError, status: number, requestId: string): LogFields {
  const { kind, details, message, cause } = error;
  return {
    request_id: requestId,
    status,
    kind,
    ...(details.problems === undefined ? { message } : { problems: details.problems.length }),
    exit_code: details.exitCode,
    signal: details.signal,
    stderr_tail: details.stderrTail,
    cause: cause instanceof Error ? cause.message : undefined,
  };
}
