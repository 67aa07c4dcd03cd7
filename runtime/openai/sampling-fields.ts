import * as z from "zod";
import type { GenerationSettings } from "../generation.ts";
import {
  grammarText,
  type NumberBounds,
  numberBounds,
  numberField,
  stopTexts,
} from "../request/request.ts";

const { n_predict, seed, ...sampling } = numberBounds;

/** Bounds of the numbers under OpenAI's names. */
export const openAiBounds: Readonly<Record<string, NumberBounds>> = {
  ...sampling,
  seed,
  max_tokens: n_predict,
  max_completion_tokens: n_predict,
};

/** Fields that chat and completion requests share; `top_k` and the like are llama.cpp's own. */
export const samplingFields = {
  model: z.string().min(1).optional(),
  max_tokens: numberField(n_predict).optional(),
  temperature: numberField(sampling.temperature).default(sampling.temperature.default),
  top_p: numberField(sampling.top_p).default(sampling.top_p.default),
  top_k: numberField(sampling.top_k).default(sampling.top_k.default),
  min_p: numberField(sampling.min_p).default(sampling.min_p.default),
  repeat_penalty: numberField(sampling.repeat_penalty).default(sampling.repeat_penalty.default),
  seed: numberField(seed).optional(),
  stop: stopTexts.default([]),
  grammar: grammarText.optional(),
  stream: z.boolean().default(false),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().default(false),
      include_obfuscation: z.boolean().default(false),
    })
    .optional(),
} as const;

type SamplingInput = Omit<GenerationSettings, "n_predict" | "seed" | "grammar"> & {
  readonly seed?: number | undefined;
};

/** Settings in force: what was sent, and the rest. */
export function settingsOf(
  sent: SamplingInput,
  rest: { readonly n_predict: number; readonly grammar: string; readonly drawSeed: () => number },
): GenerationSettings {
  const { temperature, top_p, top_k, min_p, repeat_penalty, stop } = sent;
  return {
    n_predict: rest.n_predict,
    temperature,
    top_p,
    top_k,
    repeat_penalty,
    min_p,
    stop,
    seed: sent.seed ?? rest.drawSeed(),
    grammar: rest.grammar,
  };
}
