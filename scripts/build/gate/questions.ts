import { MersenneTwister } from "../../../model/formats/mersenne-twister.ts";
import type { Expectation } from "../golden-expectations.ts";
import type { Question } from "./judge.ts";

/** A prompt, and its greedy answer up to the end token or `length` tokens. */
export interface KnownAnswer {
  readonly prompt: string;
  readonly answer: string;
  readonly end: NonNullable<Question["end"]> & { readonly predictedTokens: number };
}

/** A golden answer as a known one. */
export function knownAnswer({ prompt, answer, promptTokens, margins }: Expectation): KnownAnswer {
  const counts = { promptTokens: promptTokens.length, predictedTokens: margins.length };
  return { prompt, answer, end: { finishReason: "stop", ...counts } };
}

/** Asks for a known answer to the letter, with its counts. */
export function answerQuestion({ prompt, answer, end }: KnownAnswer): Question {
  // A few tokens more than needed: a right engine ends by itself.
  const spare = end.finishReason === "stop" ? 8 : 0;
  return { fields: { prompt, n_predict: end.predictedTokens + spare }, text: answer, end };
}

/** Asks for a golden answer. */
export const goldenQuestion = (expectation: Expectation) =>
  answerQuestion(knownAnswer(expectation));

/** Longest stop string, in characters: two or three tokens. */
const longestStop = 16;

/** Where a stop string may begin or end: inside a word, and so mostly inside a token. */
const wordInside = /(?<=\p{L})(?=\p{L})/gu;

/** Stop strings cut out of known answers, at random places inside words; the same in each run. */
export function stopQuestions(known: readonly KnownAnswer[], count: number): Question[] {
  const random = new MersenneTwister(1);
  const pick = <Value>(values: readonly Value[]) =>
    values[random.nextUint32() % values.length] as Value;
  const cuts = known.flatMap((each) => {
    const places = [...each.answer.matchAll(wordInside)].map(({ index }) => index);
    return places.length < 2 ? [] : [{ ...each, places }];
  });
  if (cuts.length === 0) return [];
  return Array.from({ length: count }, () => {
    const { prompt, answer, places, end } = pick(cuts);
    const from = pick(places.slice(0, -1));
    const to = pick(places.filter((place) => place > from && place <= from + longestStop));
    const stop = answer.slice(from, to ?? from + 1);
    return {
      fields: { prompt, n_predict: end.predictedTokens, stop: [stop] },
      text: answer.slice(0, answer.indexOf(stop)),
      end: { finishReason: "stop_sequence" },
    };
  });
}

const form = (question: string) => `User: ${question}\n\nAssistant:`;
const prompts = [
  "What is the capital of France?",
  "What is AWS Lambda?",
  "Tell me a joke about programming.",
  "Why is the sky blue?",
].map(form);

const grammar = 'root ::= ("red" | "green" | "blue") " " [0-9] [0-9]';
const colour = /^(red|green|blue) \d\d$/;
const schema = {
  type: "object",
  properties: { city: { enum: ["Paris", "Tokyo"] }, isSure: { type: "boolean" } },
  required: ["city", "isSure"],
  additionalProperties: false,
};
const city = /^\{\s*"city"\s*:\s*"(Paris|Tokyo)"\s*,\s*"isSure"\s*:\s*(true|false)\s*\}\s*$/;

/** Answers that a grammar or a JSON schema allows, greedy and drawn. */
export function constraintQuestions(): Question[] {
  return prompts.flatMap((prompt, seed) =>
    [0, 1.5].flatMap((temperature): Question[] => {
      const fields = { prompt, temperature, seed, n_predict: 64 };
      const end = { finishReason: "stop" };
      return [
        { fields: { ...fields, grammar }, text: colour, end },
        { fields: { ...fields, json_schema: schema }, text: city, end },
      ];
    }),
  );
}

const drawn = { temperature: 1.5, top_p: 1, top_k: 0, min_p: 0 };

/**
 * Requests whose drawn answers must be the same on both engines: without a penalty, for which
 * llama-server reads the prompt apart and so shifts probabilities. Each prompt comes twice, the
 * second time from llama-server's cache.
 */
export const seedRequests: readonly Question["fields"][] = Array.from(
  { length: 40 },
  (_, seed) => ({
    ...{ prompt: form(`What is ${Math.floor(seed / 2)} plus 1?`), seed, n_predict: 24, ...drawn },
    ...(seed % 4 === 0 && { grammar: "root ::= [a-z ]+" }),
  }),
);

/** The penalties, one at a time and together. */
export const penaltyRequests: readonly Question["fields"][] = prompts.flatMap((prompt) =>
  [
    { repeat_penalty: 1.5 },
    { frequency_penalty: 1.5 },
    { presence_penalty: 1.5 },
    { repeat_penalty: 1.2, frequency_penalty: 0.5, presence_penalty: -0.5 },
  ].map((penalty) => ({ prompt, n_predict: 24, ...penalty })),
);

/** Prompts to ask a model about which nothing is known. */
export const otherPrompts: readonly string[] = [
  ...prompts,
  ...["Hello", "What is 2 plus 3?"].map(form),
];

/** An answer that goes on for long, whatever the model. */
export const longRequest: Question["fields"] = {
  prompt: form("Hello"),
  n_predict: 2000,
  grammar: "root ::= [a-z] root",
};
