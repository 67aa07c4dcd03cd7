import type { AdmittedCall, AnswerEnd, AnswerHead, AnswerStream, Call } from "./answer.ts";
import { type Config, snapStart } from "./config.ts";
import type { TurnDependencies } from "./engine/engine-turn.ts";
import { engines } from "./engine/engines.ts";
import { type AppError, type ErrorKind, errorLabel, toAppError } from "./errors.ts";
import { generate } from "./generate.ts";
import type { GenerationRequest } from "./generation.ts";
import type { Log, LogFields } from "./logger.ts";
import { metricFields, metricValues } from "./metrics.ts";
import { type ErrorResponse, errorResponse } from "./openai/error-response.ts";
import type { OpenAiContext } from "./openai/openai-request.ts";

/** Dependencies of a {@link Service}. */
export interface ServiceDependencies extends TurnDependencies {
  readonly config: Pick<
    Config,
    | "engine"
    | "fingerprint"
    | "functionName"
    | "modelName"
    | "systemPrompt"
    | "deadlineReserveMs"
    | "initializationType"
  >;
  readonly log: Log;
  /** A random whole number from 0 to 2^32-2 for a request. */
  readonly drawSeed: (requestId: string) => number;
  readonly now: () => Date;
}

/** Kinds logged as information: a client disconnected, or came before the engine was free. */
const expectedKinds: readonly ErrorKind[] = ["client-aborted", "engine-loading", "engine-busy"];

/** What a direct invocation and each HTTP route do with a request. */
export class Service {
  readonly #dependencies: ServiceDependencies;
  #isFirstCall = true;

  constructor(dependencies: ServiceDependencies) {
    this.#dependencies = dependencies;
  }

  get modelName(): string {
    return this.#dependencies.config.modelName;
  }

  /** What a request is checked with. */
  openAiContext(requestId: string): OpenAiContext {
    const { config, drawSeed } = this.#dependencies;
    const { modelName, systemPrompt, engine } = config;
    const hasLogprobs = engines[engine].reportsLogprobs;
    return { modelName, systemPrompt, hasLogprobs, drawSeed: () => drawSeed(requestId) };
  }

  /** @throws AppError that says what keeps the engine from answering at once */
  checkHealth(): void {
    this.#dependencies.engine.checkHealth();
  }

  /**
   * Admits a call, whatever becomes of it. The first one is the cold start, also in each copy of a
   * SnapStart snapshot: Node has no hook that runs on restore
   * (docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html, read 2026-11).
   */
  admit(call: Call): AdmittedCall {
    const isColdStart = this.#isFirstCall;
    this.#isFirstCall = false;
    const isRestored = isColdStart && this.#dependencies.config.initializationType === snapStart;
    return { ...call, start: { isColdStart, isRestored } };
  }

  /** Begins an answer; logs how it went when it is complete or its reader leaves. */
  begin(request: GenerationRequest, call: AdmittedCall): AnswerStream {
    const { config, log, now } = this.#dependencies;
    const head: AnswerHead = {
      ...call.start,
      requestId: call.requestId,
      model: config.modelName,
      fingerprint: config.fingerprint,
      settings: request.settings,
      createdAt: now(),
    };
    const events = generate(this.#dependencies, request, {
      signal: call.signal,
      timeMs: call.remainingMs() - config.deadlineReserveMs,
      onEnd: (end) =>
        log("info", "request_completed", {
          ...requestFields(call),
          ...answerFields(head, end),
          ...metricFields(metricValues(head, end), config.functionName, now().getTime()),
        }),
      onLeft: () => log("info", "client_disconnected", requestFields(call)),
    });
    return { head, events };
  }

  /** Logs a failure, once, and returns what the caller gets. */
  fail(thrown: unknown, call: LoggedCall): ErrorResponse {
    const error = toAppError(thrown);
    const response = errorResponse(error, call.requestId);
    const level = expectedKinds.includes(error.kind) ? "info" : "error";
    this.#dependencies.log(level, "request_failed", {
      ...requestFields(call),
      ...failedFields(error, response.status),
    });
    return response;
  }
}

/** What a log line says of the request that it is about. */
type LoggedCall = Pick<Call, "requestId" | "traceparent">;

function requestFields({ requestId, traceparent }: LoggedCall): LogFields {
  return { request_id: requestId, traceparent };
}

/** Names are OpenTelemetry's where it has one. */
function answerFields(head: AnswerHead, { finishReason }: AnswerEnd): LogFields {
  return {
    status: 200,
    "gen_ai.provider.name": "bitnet-lambda",
    "gen_ai.request.model": head.model,
    "gen_ai.response.finish_reasons": [finishReason],
    restored: head.isRestored,
  };
}

/**
 * Nothing of a request: of an invalid one the number of problems only, since field names may be the
 * caller's words, and nothing that the engine wrote once it had a prompt.
 */
function failedFields(error: AppError, status: number): LogFields {
  const { kind, details, message, cause } = error;
  return {
    status,
    kind,
    ...(details.problems === undefined ? { message } : { problems: details.problems.length }),
    exit_code: details.exitCode,
    signal: details.signal,
    stderr_tail: details.hasPrompt ? undefined : details.stderrTail,
    cause: cause === undefined ? undefined : errorLabel(cause),
  };
}
