import { type Engine, type EngineEvent, unknownTimings } from "../../../runtime/engine/engine.ts";
import type { GenerationRequest } from "../../../runtime/generation.ts";

type ScriptedPiece = Omit<Extract<EngineEvent, { type: "text-delta" }>, "type">;

/** What a scripted engine answers. */
export interface Script {
  /** The pieces of its answer; by default it repeats the prompt. */
  readonly pieces?: readonly (string | ScriptedPiece)[];
  readonly finishReason?: "stop" | "length";
  /** After its pieces it waits until it is aborted. */
  readonly isEndless?: boolean;
  /** Thrown after the pieces. */
  readonly error?: Error;
  readonly onRequest?: (request: GenerationRequest) => void;
  /** Called before each piece. */
  readonly onPiece?: () => void;
  /** Called when the request is aborted. */
  readonly onStop?: () => void;
  /** The error of its health check. */
  readonly obstacle?: Error;
}

/** The port's other methods for an engine that keeps nothing running between requests. */
export const statelessEngine = {
  checkHealth: () => undefined,
  settled: () => Promise.resolve(),
  stop: () => Promise.resolve(),
} as const satisfies Omit<Engine, "generate">;

/** An engine with a fixed answer, for tests of what uses engines. */
export function scriptedEngine(script: Script = {}): Engine {
  return {
    ...statelessEngine,
    checkHealth() {
      if (script.obstacle) throw script.obstacle;
    },
    async *generate(request, signal) {
      script.onRequest?.(request);
      signal.addEventListener("abort", () => script.onStop?.());
      let predictedTokens = 0;
      for (const piece of script.pieces ?? [request.prompt]) {
        if (signal.aborted) break;
        predictedTokens++;
        script.onPiece?.();
        yield { type: "text-delta", ...(typeof piece === "string" ? { text: piece } : piece) };
      }
      if (script.error) throw script.error;
      if (script.isEndless) await aborted(signal);
      yield {
        type: "generation-end",
        finishReason: signal.aborted ? "aborted" : (script.finishReason ?? "stop"),
        usage: { promptTokens: request.prompt.length + 1, predictedTokens },
        timings: { ...unknownTimings, firstTokenMs: null, totalMs: 0 },
      };
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
