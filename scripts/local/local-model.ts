import { createApplication } from "../../runtime/application.ts";
import { AppError } from "../../runtime/errors.ts";
import type { GenerationEvent } from "../../runtime/generation.ts";
import { parseRequest } from "../../runtime/request/request.ts";
import type { ChatEvent, ChatModel, Turn } from "../remote/chat.ts";
import { completeLocalEnvironment, type LocalNames } from "./local-environment.ts";
import { invocationMs } from "./local-runtime.ts";

/** Greedy, so that the same question has the same answer. */
const settings = { n_predict: 128, temperature: 0, repeat_penalty: 1 } as const;

/** The function's runtime on this machine, without Lambda or HTTP around it. */
export class LocalModel implements ChatModel {
  readonly name = "local";
  readonly names: LocalNames;
  readonly #application;

  /** @throws UserError, AppError `config-invalid` when the environment names no usable engine */
  constructor() {
    this.names = completeLocalEnvironment();
    this.#application = createApplication(process.env);
  }

  /** @throws AppError */
  async *answer(messages: readonly Turn[], signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const { service } = this.#application;
    const requestId = crypto.randomUUID();
    const drawSeed = () => service.drawSeed(requestId);
    const request = parseRequest({ ...settings, messages }, drawSeed, service.systemPrompt);
    const call = service.admit({ requestId, remainingMs: () => invocationMs, signal });
    try {
      for await (const event of service.begin(request, call).events) yield chatEvent(event);
    } catch (error) {
      throw withEngineWords(error);
    }
  }

  /** Ends the engine. */
  close(): Promise<void> {
    return this.#application.engine.stop();
  }
}

function chatEvent(event: GenerationEvent): ChatEvent {
  if (event.type === "text-delta") return event.text;
  const { usage, timings } = event;
  return {
    promptTokens: usage.promptTokens ?? 0,
    predictedTokens: usage.predictedTokens,
    tokensPerSecond: timings.predictedTokensPerSecond,
  };
}

/** An engine's unknown failure with the last line that it wrote: there is no log to find it in. */
function withEngineWords(error: unknown): unknown {
  if (!(error instanceof AppError) || error.kind !== "engine-failed") return error;
  const words = error.details.stderrTail?.trim().split("\n").at(-1);
  return words ? new AppError(error.kind, `${error.message}: ${words}`, { cause: error }) : error;
}
