import * as z from "zod";
import { loadHandler } from "./bundled-handler.ts";

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

/** What a question is wanted for. */
export interface WantedQuestion {
  /** It is not answered with fewer. */
  readonly tokens: number;
  /** What the prompt begins with. */
  readonly prefix?: string;
  /** Another model than the configured one. */
  readonly modelPath?: string;
}

/**
 * A request that does not end by itself within so many tokens: a model that has said what it has to
 * say cannot be measured on how fast it says more.
 *
 * @throws Error when there is none
 */
export function findQuestion(wanted: WantedQuestion): Promise<Question> {
  return find(prompts[0], wanted);
}

/** Two such requests, for whoever must not be asked the same twice in a row. */
export async function findTwoQuestions(wanted: WantedQuestion): Promise<readonly Question[]> {
  return [await find(prompts[0], wanted), await find(prompts[1], wanted)];
}

async function find(
  text: string,
  { tokens, prefix = "", modelPath }: WantedQuestion,
): Promise<Question> {
  const handler = await loadHandler({
    BITNET_ENGINE: "llama-cli",
    ...(modelPath !== undefined && { BITNET_MODEL: modelPath }),
  });
  const prompt = `${prefix}${text}`;
  for (const sampling of samplings) {
    const { statusCode, body } = await handler({ prompt, ...sampling, n_predict: tokens });
    if (statusCode !== 200) throw new Error(`the engine does not answer: ${body}`);
    if (bodySchema.parse(JSON.parse(body)).finish_reason === "length") return { prompt, sampling };
  }
  throw new Error(`the model ends every answer before ${tokens} tokens, with or without a grammar`);
}
