import type { GenerationRequest, GenerationSettings } from "../../runtime/generation.ts";
import { parseRequest } from "../../runtime/request/request.ts";

/** A request with the defaults in force but for what a test changes. */
export function requestOf(
  prompt: string,
  settings: Partial<GenerationSettings> = {},
): GenerationRequest {
  return parseRequest({ prompt, ...settings }, () => 42);
}
