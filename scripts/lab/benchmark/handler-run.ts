import * as z from "zod";
import type { BundledHandler } from "./bundled-handler.ts";
import type { Figures } from "./in-turn.ts";
import type { Question } from "./question.ts";

const number = z.number().nullable();

const bodySchema = z.object({
  tokens_predicted: z.number(),
  timings: z.object({ first_token_ms: number, predicted_per_second: number }),
});

/**
 * One request through the handler. Figures: `total_ms` until the answer is there, `first_token_ms`
 * and `tokens_per_second` as the answer tells them.
 *
 * @throws Error when it is refused or fails
 */
export async function runHandler(
  handler: BundledHandler,
  { prompt, sampling }: Question,
  tokens: number,
): Promise<Figures | undefined> {
  const startedAt = performance.now();
  const { statusCode, body } = await handler({ prompt, ...sampling, n_predict: tokens });
  const totalMs = performance.now() - startedAt;
  if (statusCode !== 200) throw new Error(`the handler answers ${statusCode}: ${body}`);
  const { tokens_predicted, timings } = bodySchema.parse(JSON.parse(body));
  if (tokens_predicted !== tokens) return undefined;
  return {
    total_ms: totalMs,
    ...(timings.first_token_ms !== null && { first_token_ms: timings.first_token_ms }),
    ...(timings.predicted_per_second !== null && {
      tokens_per_second: timings.predicted_per_second,
    }),
  };
}
