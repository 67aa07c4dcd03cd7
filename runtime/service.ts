import type { AnswerEnd, AnswerHead, AnswerStream } from "./answer.ts";
import type { AdmittedCall, Call } from "./call.ts";
import type { Config } from "./config.ts";
import type { Engine } from "./engine/engine.ts";
import { type AppError, type ErrorKind, toAppError } from "./errors.ts";
import { generate } from "./generate.ts";
import type { GenerationEvent, GenerationRequest } from "./generation.ts";
import type { Log, LogFields } from "./logger.ts";
import { type ErrorResponse, errorResponse } from "./openai/error-response.ts";
import { createRecentRequests } from "./recent-requests.ts";
import type { Start } from "./start.ts";

/** What the service stands on. */
export interface ServiceParts {
  readonly config: Pick<Config, "modelName" | "systemPrompt" | "deadlineReserveMs">;
  readonly engine: Engine;
  readonly log: Log;
  /** A random whole number from 0 to 2^32-2 for a request. */
  readonly drawSeed: (requestId: string) => number;
  readonly nextStart: () => Start;
  readonly now: () => Date;
}

/** What every way in (direct invocation, each HTTP route) does with a request. */
export interface Service {
  readonly modelName: string;
  readonly systemPrompt: string | undefined;
  /** Throws what keeps the engine from answering at once. */
  checkHealth(): void;
  drawSeed(requestId: string): number;
  /** Notes a call, whatever becomes of it: the first is the cold start. */
  admit(call: Call): AdmittedCall;
  /** Begins an answer; logs how it went when it is complete or left. */
  begin(request: GenerationRequest, call: AdmittedCall): AnswerStream;
  /** Logs a failure, once, and tells what the caller is told. */
  fail(thrown: unknown, requestId: string): ErrorResponse;
}

/** Kinds that are no fault of anybody's: a caller left, or came before it was their turn. */
const expectedKinds: readonly ErrorKind[] = ["client-aborted", "engine-loading", "engine-busy"];

/** The service on top of an engine. */
export function createService(parts: ServiceParts): Service {
  const { config, engine, log, nextStart, now, drawSeed } = parts;
  const recent = createRecentRequests();
  return {
    modelName: config.modelName,
    systemPrompt: config.systemPrompt,
    checkHealth: () => engine.checkHealth(),
    drawSeed,
    admit: (call) => ({ ...call, start: nextStart() }),
    begin(request, call) {
      const head: AnswerHead = {
        ...call.start,
        requestId: call.requestId,
        model: config.modelName,
        settings: request.settings,
        createdAt: now(),
      };
      const timeMs = call.remainingMs() - config.deadlineReserveMs;
      const events = generate(engine, request, { signal: call.signal, timeMs });
      return { head, events: logged(log, head, recent.watch(request, events)) };
    },
    fail(thrown, requestId) {
      const error = toAppError(thrown);
      const response = errorResponse(error, requestId);
      const level = expectedKinds.includes(error.kind) ? "info" : "error";
      log(level, "failed", errorFields(error, response.status, requestId));
      return response;
    },
  };
}

async function* logged(
  log: Log,
  head: AnswerHead,
  events: AsyncGenerator<GenerationEvent>,
): AsyncGenerator<GenerationEvent> {
  let isOver = false;
  try {
    for await (const event of events) {
      if (event.type === "generation-end") {
        isOver = true;
        log("info", "answered", answerFields(head, event));
      }
      yield event;
    }
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    if (!isOver) log("info", "left", { request_id: head.requestId });
  }
}

function answerFields(head: AnswerHead, { finishReason, usage, timings }: AnswerEnd): LogFields {
  return {
    request_id: head.requestId,
    status: 200,
    finish_reason: finishReason,
    tokens_evaluated: usage.promptTokens,
    tokens_predicted: usage.predictedTokens,
    first_token_ms: timings.firstTokenMs,
    total_ms: timings.totalMs,
    predicted_per_second: timings.predictedTokensPerSecond,
    cold_start: head.isColdStart,
    restored: head.isRestored,
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
