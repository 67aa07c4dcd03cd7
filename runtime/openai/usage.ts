import type { Usage } from "../generation.ts";

/** Token counts in OpenAI's shape. A prompt that was not counted before the engine stopped is 0. */
export function openAiUsage({ promptTokens, predictedTokens }: Usage) {
  const prompt_tokens = promptTokens ?? 0;
  return {
    prompt_tokens,
    completion_tokens: predictedTokens,
    total_tokens: prompt_tokens + predictedTokens,
  };
}
