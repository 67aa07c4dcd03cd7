/** A prompt whose answer is the same on every correct engine. */
export interface SmokeQuestion {
  /** Raw text to continue. */
  readonly prompt: string;
  /** Must match the answer, which is greedy and a few tokens long. */
  readonly expected: RegExp;
}

/** Tokens of an answer. */
export const answerTokens = 12;

/** Facts that every working 2B model knows. */
export const smokeQuestions: readonly SmokeQuestion[] = [
  { prompt: "The capital of France is", expected: /\bParis\b/ },
  { prompt: "The capital of Japan is", expected: /\bTokyo\b/ },
  { prompt: "The first president of the United States was", expected: /\bWashington\b/ },
  { prompt: "Two plus two equals", expected: /\b(four|4)\b/i },
  { prompt: "The opposite of hot is", expected: /\bcold\b/i },
];

/** The request of the direct contract for a question. */
export function smokeRequest({ prompt }: SmokeQuestion): Record<string, unknown> {
  return { prompt, n_predict: answerTokens, temperature: 0, repeat_penalty: 1 };
}
