import type { FigureColumn } from "./experiment.ts";

/** Figures that several experiments show. */
export const figureColumns = {
  answer: { figure: "total_ms", label: "whole answer", unit: "ms" },
  firstToken: { figure: "first_token_ms", label: "first token", unit: "ms" },
  decoding: { figure: "tokens_per_second", label: "decoding", unit: "tokens/s" },
  prefill: { figure: "prompt_tokens_per_second", label: "reading the prompt", unit: "tokens/s" },
  load: { figure: "load_ms", label: "load, as the engine tells", unit: "ms" },
  enginePeak: { figure: "peak_mib", label: "peak memory of the engine", unit: "MiB" },
} as const satisfies Record<string, FigureColumn>;
