import * as z from "zod";
import type { BundledHandler } from "./bundled-handler.ts";

/** A request that is known to be answered with at least so many tokens. */
export interface Question {
  readonly prompt: string;
  /** Sampling fields of the direct contract; with the seed they make the same text each time. */
  readonly sampling: Readonly<Record<string, number | string>>;
}

/** Two prompts, so that a resident engine never finds the one before in its cache. */
const prompts = [
  "User: Tell me a long story about a small village in the mountains.<|eot_id|>Assistant: ",
  "User: Explain in great detail how a computer runs a program.<|eot_id|>Assistant: ",
] as const;

const greedy = { temperature: 0, repeat_penalty: 1, seed: 1 } as const;

/**
 * Greedy first, since that is what most measure with. A model that knows when to stop is then held to
 * a grammar that has no end; it costs every alternative the same.
 */
const samplings = [greedy, { ...greedy, grammar: "root ::= [a-zA-Z ,.] root" }] as const;

const bodySchema = z.object({ finish_reason: z.string() });

/**
 * Two requests that do not end by themselves within `tokens`: a model that has said what it has to
 * say cannot be measured on how fast it says more.
 *
 * @param prefix what both prompts begin with
 * @throws Error when none is found
 */
export async function findQuestions(
  handler: BundledHandler,
  tokens: number,
  prefix = "",
): Promise<readonly [Question, Question]> {
  const [first, second] = [await find(prefix + prompts[0]), await find(prefix + prompts[1])];
  return [first, second];

  async function find(prompt: string): Promise<Question> {
    for (const sampling of samplings) {
      const { statusCode, body } = await handler({ prompt, ...sampling, n_predict: tokens });
      if (statusCode !== 200) throw new Error(`the engine does not answer: ${body}`);
      if (bodySchema.parse(JSON.parse(body)).finish_reason === "length")
        return { prompt, sampling };
    }
    throw new Error(
      `the model ends every answer before ${tokens} tokens: measure fewer (TOKENS=…)`,
    );
  }
}
