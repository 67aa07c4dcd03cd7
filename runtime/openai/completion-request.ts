import * as z from "zod";
import { grammarOf, wholeText } from "../request/request.ts";
import { samplingParameters } from "../request/sampling-parameters.ts";
import {
  type OpenAiContext,
  type OpenAiRequest,
  parseFields,
  requireSize,
  streaming,
} from "./openai-request.ts";
import { settingsOf, sharedFields } from "./sampling-fields.ts";

const completionRequestSchema = z.strictObject({ prompt: wholeText.min(1), ...sharedFields });

/**
 * The body of `POST /v1/completions`, checked. The prompt goes to the model as it is.
 *
 * @throws AppError `request-invalid` that lists every problem, `model-unknown`
 */
export function parseCompletionRequest(input: unknown, context: OpenAiContext): OpenAiRequest {
  const fields = parseFields(completionRequestSchema, input, context.modelName, (sent) => ({
    fields: { ...sent, ...("prompt" in sent && { prompt: onlyPrompt(sent.prompt) }) },
    problems: [],
  }));
  requireSize({ prompt: fields.prompt });
  const settings = settingsOf(fields, {
    n_predict: fields.max_tokens ?? samplingParameters.n_predict.default,
    grammar: grammarOf({ jsonSchema: fields.json_schema, grammar: fields.grammar }),
    drawSeed: context.drawSeed,
  });
  return { request: { prompt: fields.prompt, settings }, ...streaming(fields) };
}

/** OpenAI allows a list of prompts; here it may have one. */
function onlyPrompt(prompt: unknown): unknown {
  return Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
}
