import type { FinishReason } from "../generation.ts";

/** Why an answer ended, in OpenAI's words. */
export type OpenAiFinishReason = "stop" | "length";

/** A stop string is a stop; time that ran out is a limit that was reached. */
export const openAiFinishReasons = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  deadline: "length",
} as const satisfies Record<FinishReason, OpenAiFinishReason>;
