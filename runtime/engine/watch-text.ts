import type { EngineFinishReason, GenerationEvent } from "../generation.ts";

/** Turns text into events, counting the pieces and noting when the first one came. */
export function watchText(now: () => number) {
  const startedAt = now();
  let firstTextAt: number | undefined;
  let pieces = 0;
  return {
    *delta(text: string): Generator<GenerationEvent<EngineFinishReason>> {
      if (text === "") return;
      firstTextAt ??= now();
      pieces++;
      yield { type: "text-delta", text };
    },
    pieces: () => pieces,
    timings: () => ({
      firstTokenMs: firstTextAt === undefined ? null : firstTextAt - startedAt,
      totalMs: now() - startedAt,
    }),
  };
}
