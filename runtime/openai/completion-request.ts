import * as z from "zod";
import { grammarOf, numberField, wholeText } from "../request/request.ts";
import { samplingParameters } from "../request/sampling-parameters.ts";
import {
  delivered,
  type OpenAiContext,
  type OpenAiRequest,
  parseFields,
  requireLogprobs,
  requireSize,
} from "./openai-request.ts";
import { settingsOf, sharedFields } from "./sampling-fields.ts";

/** Candidates in the place of a token of a completion, as at OpenAI. */
const candidateBounds = { isInteger: true, minimum: 0, maximum: 5 };

const completionRequestSchema = z.strictObject({
  prompt: wholeText.min(1),
  ...sharedFields,
  logprobs: numberField(candidateBounds).optional(),
});

/** Names that a request may have. */
export const completionFields: readonly string[] = Object.keys(completionRequestSchema.shape);

/**
 * The body of `POST /v1/completions`, checked. The prompt goes to the model as it is.
 *
 * @throws AppError `request-invalid` that lists every problem, `model-unknown`
 */
export function parseCompletionRequest(input: unknown, context: OpenAiContext): OpenAiRequest {
  const fields = parseFields(completionRequestSchema, input, context.modelName, (sent) => ({
    fields: {
      ...sent,
      ...("prompt" in sent && { prompt: onlyPrompt(sent.prompt) }),
      ...(sent.logprobs === false && { logprobs: undefined }),
    },
    problems: [],
  }));
  requireSize({ prompt: fields.prompt });
  const settings = settingsOf(fields, {
    n_predict: fields.max_tokens ?? samplingParameters.n_predict.default,
    grammar: grammarOf(
      { jsonSchema: fields.json_schema, grammar: fields.grammar },
      fields.ignore_eos,
    ),
    drawSeed: context.drawSeed,
  });
  const topLogprobs = fields.logprobs;
  if (topLogprobs !== undefined) requireLogprobs("logprobs", context);
  const asked = { prompt: fields.prompt, settings };
  return delivered({ ...asked, ...(topLogprobs !== undefined && { topLogprobs }) }, fields);
}

/** OpenAI allows a list of prompts; here it may have one. */
function onlyPrompt(prompt: unknown): unknown {
  return Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
}
