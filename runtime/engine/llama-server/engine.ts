import { AppError, isExhaustion } from "../../errors.ts";
import type { GenerationRequest } from "../../generation.ts";
import {
  AnswerText,
  type Engine,
  type EngineEvent,
  type EngineOptions,
  unknownTimings,
} from "../engine.ts";
import { contextExceeded, engineFailure, grammarRefused } from "../engine-failure.ts";
import { longestPrompt, memoryFor, mostTokens } from "../llama-cli/arguments.ts";
import type { LlamaServerClient } from "./client.ts";
import { type CompletionEnd, chosenTokens, endReason } from "./output.ts";
import type { LlamaServerProcess } from "./process.ts";
import { ResidentServer } from "./resident-server.ts";
import { type Awaited, ServerExchange } from "./server-exchange.ts";

/**
 * An engine that keeps llama-server running, with the model and the last prompt's state in memory.
 * Begins to load at once. To be asked for one answer at a time: it has one slot.
 */
export class LlamaServerEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #resident: ResidentServer;
  /** Settles when the server is done with the answer before, or replaced. */
  #cleared: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#resident = new ResidentServer(options);
    this.#resident.running().catch(() => undefined);
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const attempt: Attempt = {
      request,
      signal,
      aborted: whenAborted(signal),
      text: new AnswerText(this.#options.now),
      promptTokens: null,
    };
    if ((await Promise.race([attempt.aborted, this.#cleared])) === "aborted") {
      return yield abortedEnd(attempt);
    }
    const startedAt = this.#options.now();
    try {
      for (let isRetry = false; ; isRetry = true) {
        const server = await Promise.race([attempt.aborted, this.#resident.running()]);
        if (server === "aborted") return yield abortedEnd(attempt);
        try {
          return yield* this.#answer(attempt, server, this.#options.now() - startedAt);
        } catch (error) {
          if (signal.aborted) return yield abortedEnd(attempt);
          await this.#recover(attempt, server, error, isRetry);
        }
      }
    } finally {
      // Whoever leaves does not wait for it; the next request does.
      this.#cleared = attempt.exchange?.close() ?? Promise.resolve();
    }
  }

  checkHealth(): void {
    this.#resident.checkHealth();
  }

  async settled(): Promise<void> {
    await this.#resident.running().catch(() => undefined);
  }

  stop(): Promise<void> {
    return this.#resident.stop();
  }

  /** A server that crashes before any text is started once more, for the same request. */
  async #recover(attempt: Attempt, server: LlamaServerProcess, error: unknown, isRetry: boolean) {
    // Another server would fail as well.
    if (error instanceof AppError || isExhaustion(error)) throw error;
    // The connection broke: if the server is still there, it is not worth keeping.
    await this.#resident.replace();
    if (!isRetry && attempt.text.pieces === 0) return;
    const run = { ...(await server.exit), hasPrompt: true };
    throw engineFailure(run, this.#options.program.variable);
  }

  async *#answer(
    attempt: Attempt,
    server: LlamaServerProcess,
    loadMs: number,
  ): AsyncGenerator<EngineEvent> {
    const { request, aborted, text } = attempt;
    const { now, contextTokens } = this.#options;
    const exchange = new ServerExchange({
      aborted,
      now,
      loadMs: server.loadMs,
      replaceServer: () => this.#resident.replace(),
    });
    attempt.exchange = exchange;
    const refusals = server.grammarRefusals();
    if (request.countsPrompt || mostTokens(request) > contextTokens) {
      const counting = countPrompt(attempt, server.client, exchange.connection);
      const promptTokens = await exchange.ask(counting, "prompt");
      if (promptTokens === "aborted") return yield abortedEnd(attempt);
      this.#requireRoom(request, promptTokens);
    }
    const freeTokens = contextTokens - (attempt.promptTokens ?? 0);
    const events = server.client.complete(request, freeTokens, exchange.connection);
    for (let awaited: Awaited = "prompt"; ; awaited = "token") {
      const step = await exchange.ask(events.next(), awaited);
      if (step === "aborted") return yield await cutEnd(attempt, server.client);
      if (step.done) throw new AppError("engine-failed", "the engine's answer has no end");
      if (server.grammarRefusals() > refusals) throw grammarRefused();
      const tokens = chosenTokens(step.value, request.topLogprobs);
      const { promptTokens } = attempt;
      yield* text.events(step.value.content, {
        ...(tokens !== undefined && { tokens }),
        ...(request.countsPrompt && promptTokens !== null && { promptTokens }),
      });
      if (step.value.stop) return yield completeEnd(attempt, step.value, loadMs);
    }
  }

  #requireRoom(request: GenerationRequest, promptTokens: number): void {
    const maximumTokens = longestPrompt(this.#options.contextTokens);
    if (promptTokens <= maximumTokens) return;
    const memoryMiB = memoryFor(this.#options, request, promptTokens);
    throw contextExceeded({ promptTokens, maximumTokens }, memoryMiB);
  }
}

async function countPrompt(attempt: Attempt, client: LlamaServerClient, signal: AbortSignal) {
  const { length } = await client.tokens(attempt.request.prompt, signal);
  attempt.promptTokens = length;
  return length;
}

/** How long the tokens of a cut answer's prompt may take to count, in milliseconds; it takes one. */
const countMs = 250;

/** The end of an answer that was stopped from outside. With some text its prompt's length is reported. */
async function cutEnd(attempt: Attempt, client: LlamaServerClient): Promise<EngineEvent> {
  if (attempt.text.pieces > 0 && attempt.promptTokens === null) {
    await countPrompt(attempt, client, AbortSignal.timeout(countMs)).catch(() => undefined);
  }
  return abortedEnd(attempt);
}

/** One request under way. */
interface Attempt {
  readonly request: GenerationRequest;
  readonly signal: AbortSignal;
  readonly aborted: Promise<"aborted">;
  readonly text: AnswerText;
  promptTokens: number | null;
  exchange?: ServerExchange;
}

/** Settles with "aborted" when the signal aborts, at once when it has. */
function whenAborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("aborted");
    else signal.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
}

function completeEnd({ text }: Attempt, end: CompletionEnd, loadMs: number): EngineEvent {
  const { timings } = end;
  return {
    type: "generation-end",
    finishReason: endReason(end),
    usage: { promptTokens: end.tokens_evaluated, predictedTokens: end.tokens_predicted },
    timings: {
      loadMs,
      promptMs: timings.prompt_ms ?? null,
      predictedMs: timings.predicted_ms ?? null,
      promptTokensPerSecond: rate(timings.prompt_n, timings.prompt_ms),
      predictedTokensPerSecond: timings.predicted_per_second ?? null,
      ...text.timings(),
    },
  };
}

/** Per second; `null` where either is unknown or zero. */
function rate(count: number | null | undefined, milliseconds: number | null | undefined) {
  return count && milliseconds ? (count / milliseconds) * 1000 : null;
}

/** The end of an answer that was stopped from outside, of which the engine reports nothing. */
function abortedEnd({ text, promptTokens }: Attempt): EngineEvent {
  return {
    type: "generation-end",
    finishReason: "aborted",
    usage: { promptTokens, predictedTokens: text.pieces },
    timings: { ...unknownTimings, ...text.timings() },
  };
}
