import { answerOf, loadHandler } from "./bundled-handler.ts";
import type { Run } from "./in-turn.ts";

/** A request that is known to be answered with at least so many tokens. */
export interface Question {
  readonly prompt: string;
  /** Sampling fields of the direct contract; their seed makes the text the same each time. */
  readonly sampling: Readonly<Record<string, number | string>>;
}

/** The request for so many tokens of a question's answer. */
export function requestFor({ prompt, sampling }: Question, tokens: number) {
  return { prompt, ...sampling, n_predict: tokens };
}

/** A request of {@link requestFor}. */
export type QuestionRequest = ReturnType<typeof requestFor>;

/** Two prompts to send alternately. */
export const prompts = [
  "User: Tell me a long story about a small village in the mountains.<|eot_id|>Assistant: ",
  "User: Explain in great detail how a computer runs a program.<|eot_id|>Assistant: ",
] as const;

const greedy = { temperature: 0, repeat_penalty: 1, seed: 1 } as const;

/**
 * Tried in order: greedy, as most benchmarks measure; for a model that ends its answers, a grammar
 * without an end, which costs every alternative the same.
 */
const samplings = [greedy, { ...greedy, grammar: "root ::= [a-zA-Z ,.] root" }] as const;

/**
 * A request whose answer does not end by itself within so many tokens.
 *
 * @param modelPath default: the configured model
 * @throws Error when there is none
 */
export async function findQuestion(
  tokens: number,
  prompt: string = prompts[0],
  modelPath?: string,
): Promise<Question> {
  const handler = await loadHandler({
    BITNET_ENGINE: "llama-cli",
    ...(modelPath !== undefined && { BITNET_MODEL: modelPath }),
  });
  for (const sampling of samplings) {
    const question = { prompt, sampling };
    const response = await handler(requestFor(question, tokens));
    if (answerOf(response).finish_reason === "length") return question;
  }
  throw new Error(`the model ends every answer before ${tokens} tokens, with or without a grammar`);
}

/** A question for each of {@link prompts}. */
export async function findQuestions(
  tokens: number,
  modelPath?: string,
): Promise<readonly Question[]> {
  const questions: Question[] = [];
  for (const prompt of prompts) questions.push(await findQuestion(tokens, prompt, modelPath));
  return questions;
}

/** Asks one question after the other, so that a resident engine has not just read the same one. */
export function askInTurn(
  questions: readonly Question[],
  run: (question: Question) => ReturnType<Run>,
): Run {
  let asked = 0;
  return () => run(questions[asked++ % questions.length] as Question);
}

const alphabet = "etaoinshrdlucmfwypvbgkj";

/** Text of so many tokens: a letter behind a space is one in BitNet's vocabulary as in a synthetic one. */
export function letters(tokens: number, seed = 0): string {
  return Array.from({ length: tokens }, (_, at) => {
    return ` ${alphabet[(at * 7 + seed * (at % 5)) % alphabet.length]}`;
  }).join("");
}
