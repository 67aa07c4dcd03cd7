import type { GenerationRequest, GenerationSettings } from "../../runtime/generation.ts";
import { parseRequest } from "../../runtime/request/request.ts";

/** A request with the default settings except for those given. */
export function requestOf(
  prompt: string,
  settings: Partial<GenerationSettings> = {},
): GenerationRequest {
  return parseRequest({ prompt, ...settings }, () => 42);
}
