import { AppError } from "../errors.ts";
import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../generation.ts";
import type { Engine } from "./engine.ts";
import { contextExceeded, engineFailure, grammarRefused } from "./engine-failure.ts";
import type { EngineOptions } from "./engine-options.ts";
import { longestPrompt } from "./llama-server-arguments.ts";
import { type CompletionEnd, endReason } from "./llama-server-output.ts";
import type { LlamaServerProcess } from "./llama-server-process.ts";
import { openCompletion } from "./open-completion.ts";
import { createResidentServer, type ResidentServer } from "./resident-server.ts";
import { createTurns, type Turns } from "./turns.ts";
import { watchText } from "./watch-text.ts";
import { whenAborted } from "./when-aborted.ts";

type Events = AsyncGenerator<GenerationEvent<EngineFinishReason>>;
type Text = ReturnType<typeof watchText>;

/**
 * An engine that keeps llama-server running, with the model loaded and the last prompt's state at
 * hand. Begins to load at once. Requests take turns: it has one slot.
 */
export function createLlamaServerEngine(options: EngineOptions): Engine {
  const resident = createResidentServer(options);
  const turns = createTurns();
  resident.running().catch(() => undefined);
  return {
    generate: (request, signal) => generate({ options, resident, turns }, request, signal),
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
  readonly turns: Turns;
}

async function* generate(parts: Parts, request: GenerationRequest, signal: AbortSignal): Events {
  const text = watchText(parts.options.now);
  const endTurn = await parts.turns.next(signal);
  const attempt: Attempt = { ...parts, request, signal, text, promptTokens: null };
  if (endTurn === undefined) return yield ending(attempt, "aborted");
  let released: Promise<void> = Promise.resolve();
  attempt.release = (release) => {
    released = release;
  };
  try {
    yield* answerOrRetry(attempt);
  } finally {
    // Whoever leaves early does not wait; the next one does.
    void released.then(endTurn, endTurn);
  }
}

/** One request under way. */
interface Attempt extends Parts {
  readonly request: GenerationRequest;
  readonly signal: AbortSignal;
  readonly text: Text;
  promptTokens: number | null;
  /** Tells when the server will be free again, where that is later than the answer's end. */
  release?: (released: Promise<void>) => void;
}

/** A server that crashes before it said anything is started once more, for the same request. */
async function* answerOrRetry(attempt: Attempt): Events {
  for (let isRetry = false; ; isRetry = true) {
    const server = await Promise.race([
      attempt.resident.running(),
      whenAborted(attempt.signal, undefined),
    ]);
    if (server === undefined || attempt.signal.aborted) return yield ending(attempt, "aborted");
    try {
      return yield* answer(attempt, server);
    } catch (error) {
      if (attempt.signal.aborted) return yield ending(attempt, "aborted");
      if (error instanceof AppError) throw error;
      // The connection broke: if the server is still there, it is not worth keeping.
      const exit = await server.stop();
      attempt.resident.running().catch(() => undefined);
      if (isRetry || attempt.text.pieces() > 0) throw engineFailure(exit, "BITNET_LLAMA_SERVER");
    }
  }
}

async function* answer(attempt: Attempt, server: LlamaServerProcess): Events {
  const { request, signal, text, options, resident } = attempt;
  const loadMs = text.timings().totalMs;
  const refusals = server.grammarRefusals();
  const promptTokens = await server.client.countTokens(request.prompt, signal);
  attempt.promptTokens = promptTokens;
  const { contextTokens } = options.config;
  const longest = longestPrompt(contextTokens);
  if (promptTokens > longest) throw contextExceeded(promptTokens, longest);

  const freeTokens = contextTokens - promptTokens;
  const completion = openCompletion(
    (connection) => server.client.complete(request, freeTokens, connection),
    { now: options.now, replaceServer: resident.replace },
  );
  try {
    for (;;) {
      const event = await completion.next(signal);
      if (event === "aborted") return yield ending(attempt, "aborted");
      if (server.grammarRefusals() > refusals) throw grammarRefused();
      yield* text.delta(event.content);
      if (event.stop) return yield ended(attempt, event, loadMs);
    }
  } finally {
    attempt.release?.(completion.close());
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
      promptTokensPerSecond: timings.prompt_per_second ?? null,
      predictedTokensPerSecond: timings.predicted_per_second ?? null,
      ...text.timings(),
    },
  } as const;
}

/** The end of an answer that was stopped from outside: the engine tells nothing of it. */
function ending({ text, promptTokens }: Attempt, finishReason: "aborted") {
  return {
    type: "generation-end",
    finishReason,
    usage: { promptTokens, predictedTokens: text.pieces() },
    timings: {
      loadMs: null,
      promptMs: null,
      predictedMs: null,
      promptTokensPerSecond: null,
      predictedTokensPerSecond: null,
      ...text.timings(),
    },
  } as const;
}
