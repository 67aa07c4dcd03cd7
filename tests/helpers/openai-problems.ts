import { AppError } from "../../runtime/errors.ts";

/** What an OpenAI request is read with: every field is possible, and nothing is configured. */
export const openAiContext = {
  modelName: "golden",
  systemPrompt: undefined,
  drawSeed: () => 7,
  hasLogprobs: true,
} as const;

/** Path and message of every problem that a request is refused for; none for one that is not. */
export function problemsOf(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.details.problems?.map(({ path, message }) => `${path}: ${message}`) ?? [];
  }
  return [];
}
