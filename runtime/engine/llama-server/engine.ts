import { AppError, isExhaustion } from "../../errors.ts";
import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../../generation.ts";
import { type Engine, untoldTimings } from "../engine.ts";
import { contextExceeded, engineFailure, grammarRefused } from "../engine-failure.ts";
import type { EngineOptions } from "../engine-options.ts";
import { watchText } from "../watch-text.ts";
import { whenAborted } from "../when-aborted.ts";
import { longestPrompt } from "./arguments.ts";
import { type CompletionEnd, endReason } from "./output.ts";
import type { LlamaServerProcess } from "./process.ts";
import { createResidentServer, type ResidentServer } from "./resident-server.ts";
import { type Awaited, openServerExchange, type ServerExchange } from "./server-exchange.ts";

type Events = AsyncGenerator<GenerationEvent<EngineFinishReason>>;
type Text = ReturnType<typeof watchText>;

/**
 * An engine that keeps llama-server running, with the model loaded and the last prompt's state at
 * hand. Begins to load at once. To be asked for one answer at a time (`admission.ts`): it has one
 * slot.
 */
export function createLlamaServerEngine(options: EngineOptions): Engine {
  const resident = createResidentServer(options);
  const parts: Parts = { options, resident, cleared: Promise.resolve() };
  resident.running().catch(() => undefined);
  return {
    generate: (request, signal) => generate(parts, request, signal),
    checkHealth: resident.checkHealth,
    settled: () =>
      resident.running().then(
        () => undefined,
        () => undefined,
      ),
    stop: resident.stop,
  };
}

interface Parts {
  readonly options: EngineOptions;
  readonly resident: ResidentServer;
  /** Settles when the server is done with the answer before, or replaced. */
  cleared: Promise<void>;
}

async function* generate(parts: Parts, request: GenerationRequest, signal: AbortSignal): Events {
  const text = watchText(parts.options.now);
  const aborted = whenAborted(signal);
  const attempt: Attempt = { ...parts, request, signal, aborted, text, promptTokens: null };
  if ((await Promise.race([aborted, parts.cleared])) === "aborted") return yield ending(attempt);
  try {
    yield* answerOrRetry(attempt);
  } finally {
    // Whoever leaves does not wait for it; the next request does.
    parts.cleared = attempt.exchange?.close() ?? Promise.resolve();
  }
}

/** One request under way. */
interface Attempt extends Parts {
  readonly request: GenerationRequest;
  readonly signal: AbortSignal;
  readonly aborted: Promise<"aborted">;
  readonly text: Text;
  promptTokens: number | null;
  exchange?: ServerExchange;
}

/** A server that crashes before it said anything is started once more, for the same request. */
async function* answerOrRetry(attempt: Attempt): Events {
  const { options, resident, aborted, signal, text } = attempt;
  const startedAt = options.now();
  for (let isRetry = false; ; isRetry = true) {
    const server = await Promise.race([aborted, resident.running()]);
    if (server === "aborted") return yield ending(attempt);
    try {
      return yield* answer(attempt, server, options.now() - startedAt);
    } catch (error) {
      if (signal.aborted) return yield ending(attempt);
      // Nothing that another server would mend.
      if (error instanceof AppError || isExhaustion(error)) throw error;
      // The connection broke: if the server is still there, it is not worth keeping.
      await resident.replace();
      if (isRetry || text.pieces() > 0) {
        throw engineFailure({ ...(await server.exit), hasPrompt: true }, "BITNET_LLAMA_SERVER");
      }
    }
  }
}

async function* answer(attempt: Attempt, server: LlamaServerProcess, loadMs: number): Events {
  const { request, aborted, text, options, resident } = attempt;
  const exchange = openServerExchange({
    aborted,
    now: options.now,
    loadMs: server.loadMs,
    replaceServer: resident.replace,
  });
  attempt.exchange = exchange;
  const { client } = server;
  const refusals = server.grammarRefusals();
  const counted = client.countTokens(request.prompt, exchange.connection);
  const promptTokens = await exchange.ask(counted, "prompt");
  if (promptTokens === "aborted") return yield ending(attempt);
  attempt.promptTokens = promptTokens;
  const { contextTokens } = options.config;
  const longest = longestPrompt(contextTokens);
  if (promptTokens > longest) throw contextExceeded(promptTokens, longest);

  const events = client.complete(request, contextTokens - promptTokens, exchange.connection);
  for (let awaited: Awaited = "prompt"; ; awaited = "token") {
    const step = await exchange.ask(events.next(), awaited);
    if (step === "aborted") return yield ending(attempt);
    if (step.done) throw new AppError("engine-failed", "the engine's answer has no end");
    if (server.grammarRefusals() > refusals) throw grammarRefused();
    yield* text.delta(step.value.content);
    if (step.value.stop) return yield ended(attempt, step.value, loadMs);
  }
}

function ended({ text }: Attempt, end: CompletionEnd, loadMs: number) {
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
  } as const;
}

/** Per second, where both are known and it can be told. */
function rate(count: number | null | undefined, milliseconds: number | null | undefined) {
  return count && milliseconds ? (count / milliseconds) * 1000 : null;
}

/** The end of an answer that was stopped from outside: the engine tells nothing of it. */
function ending({ text, promptTokens }: Attempt) {
  return {
    type: "generation-end",
    finishReason: "aborted",
    usage: { promptTokens, predictedTokens: text.pieces() },
    timings: { ...untoldTimings, ...text.timings() },
  } as const;
}
