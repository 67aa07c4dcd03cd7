import * as z from "zod";
import type { GenerationSettings, LogitBias } from "../generation.ts";
import {
  grammarText,
  logitBiasField,
  numberField,
  samplingFields,
  stopTexts,
} from "../request/request.ts";
import {
  type NumberBounds,
  type SamplingName,
  type SamplingValues,
  samplingParameters,
  samplingRows,
} from "../request/sampling-parameters.ts";

/** Bounds of the number of tokens, as the OpenAI routes take it. */
const tokensBounds: NumberBounds = { ...samplingParameters.n_predict, maximum: 2 ** 31 - 1 };

/** Answers to one request. */
const choicesBounds: NumberBounds = { isInteger: true, minimum: 1, maximum: 8 };

/** Candidates in the place of a token of a chat, as at OpenAI. */
export const candidateBounds: NumberBounds = { isInteger: true, minimum: 0, maximum: 20 };

/** Bounds of the numeric fields under OpenAI's names. */
export const openAiBounds: Readonly<Record<string, NumberBounds>> = {
  n: choicesBounds,
  top_logprobs: candidateBounds,
  ...Object.fromEntries(
    samplingRows.flatMap(([name, row]) =>
      (row.openAiNames ?? [name]).map((openAiName) => [
        openAiName,
        name === "n_predict" ? tokensBounds : row,
      ]),
    ),
  ),
};

const { n_predict: _, ...sampling } = samplingFields;

/**
 * Most tokens to generate; the default depends on the route. Agents ask for 8,192 and more whatever
 * the model: beyond the context it is bounded, not refused.
 */
export const tokensField = numberField(tokensBounds)
  .transform((tokens) => Math.min(tokens, samplingParameters.n_predict.maximum))
  .optional();

/**
 * Most tokens of a chat answer where the request sets no limit. OpenAI's default is the whole context;
 * this is enough for an answer and bounds what one request can cost.
 */
export const defaultChatTokens = 1024;

/** Fields that all OpenAI routes share; those unknown to OpenAI have llama.cpp's names. */
export const generationFields = {
  model: z.string().min(1).optional(),
  ...sampling,
  stop: stopTexts.default([]),
  grammar: grammarText.optional(),
  stream: z.boolean().default(false),
} as const;

/** Fields that chat and completion requests share. */
export const sharedFields = {
  ...generationFields,
  max_tokens: tokensField,
  /** llama.cpp's: the schema of the answer, as on `POST /completion`. */
  json_schema: z.looseObject({}).optional(),
  /** As load generators ask: answers of exactly so many tokens. */
  ignore_eos: z.boolean().default(false),
  logit_bias: logitBiasField.optional(),
  n: numberField(choicesBounds).default(1),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().default(false),
      continuous_usage_stats: z.boolean().default(false),
      include_obfuscation: z.boolean().default(false),
    })
    .optional(),
} as const;

type SentSettings = Omit<SamplingValues, "n_predict" | "seed"> & {
  readonly seed?: number | undefined;
  readonly stop: readonly string[];
  readonly logit_bias?: LogitBias | undefined;
};

/** The effective settings: what was sent, and the rest. */
export function settingsOf(
  sent: SentSettings,
  rest: { readonly n_predict: number; readonly grammar: string; readonly drawSeed: () => number },
): GenerationSettings {
  const values: Readonly<Partial<Record<SamplingName, number | undefined>>> = sent;
  const { n_predict, grammar, drawSeed } = rest;
  return {
    ...(Object.fromEntries(samplingRows.map(([name]) => [name, values[name]])) as SamplingValues),
    n_predict,
    seed: sent.seed ?? drawSeed(),
    stop: sent.stop,
    grammar,
    ...(sent.logit_bias !== undefined && { logit_bias: sent.logit_bias }),
  };
}
