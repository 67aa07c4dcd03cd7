import * as z from "zod";

const rate = z.number().nullable();

/** The response of a direct invocation; `body` is JSON text. */
export const directResponseSchema = z.object({ statusCode: z.number(), body: z.string() });

/** The body of an answer in the direct contract. */
export const answerSchema = z.strictObject({
  content: z.string(),
  model: z.string().min(1),
  finish_reason: z.enum(["stop", "length", "stop_sequence", "deadline"]),
  tokens_evaluated: z.int().positive().nullable(),
  tokens_predicted: z.int().min(0),
  seed: z.int().min(0),
  generation_settings: z.looseObject({ seed: z.int() }),
  timings: z.looseObject({
    total_ms: z.number().positive(),
    first_token_ms: rate,
    predicted_per_second: rate,
  }),
  cold_start: z.boolean(),
  restored: z.boolean(),
});

/** A checked answer. */
export type RemoteAnswer = z.infer<typeof answerSchema>;

/** The body of a refused request. */
export const refusalSchema = z.object({
  error: z.object({
    type: z.literal("invalid_request_error"),
    problems: z.array(z.object({ path: z.string(), message: z.string() })).min(1),
  }),
});
