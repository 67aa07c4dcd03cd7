import * as z from "zod";
import { chatPrompt } from "../request/chat-prompt.ts";
import { requestInvalid } from "../request/problems.ts";
import { numberField } from "../request/request.ts";
import { conversationOf, openAiMessages, plainMessages } from "./chat-messages.ts";
import {
  delivered,
  type OpenAiContext,
  type OpenAiRequest,
  parseFields,
  requireLogprobs,
  requireSize,
} from "./openai-request.ts";
import {
  candidateBounds,
  defaultChatTokens,
  settingsOf,
  sharedFields,
  tokensField,
} from "./sampling-fields.ts";
import { chatToolFields, chatToolUse } from "./tools/tool-definitions.ts";
import { type AnswerSchema, answerGrammar } from "./tools/tool-grammar.ts";
import { toolsText, toolTurns } from "./tools/tool-prompt.ts";

/** `response_format` of a chat request. */
const responseFormatSchema = z.strictObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  /** llama.cpp's, with `json_object`. */
  schema: z.looseObject({}).optional(),
  json_schema: z
    .looseObject({ schema: z.looseObject({}).optional(), strict: z.boolean().nullish() })
    .optional(),
});

const chatRequestSchema = z.strictObject({
  messages: openAiMessages,
  ...sharedFields,
  ...chatToolFields,
  max_completion_tokens: tokensField,
  logprobs: z.boolean().default(false),
  top_logprobs: numberField(candidateBounds).optional(),
  response_format: responseFormatSchema.optional(),
});

/** Names that a request may have. */
export const chatFields: readonly string[] = Object.keys(chatRequestSchema.shape);

/**
 * The body of `POST /v1/chat/completions`, checked.
 *
 * @throws AppError `request-invalid` that lists every problem, `model-unknown`
 */
export function parseChatRequest(input: unknown, context: OpenAiContext): OpenAiRequest {
  const fields = parseFields(chatRequestSchema, input, context.modelName, (sent) => {
    const { messages, problems } = plainMessages(sent.messages);
    return { fields: { ...sent, ...(messages !== undefined && { messages }) }, problems };
  });
  const items = conversationOf(fields.messages);
  const toolUse = chatToolUse(fields);
  const tools = toolUse?.tools ?? [];
  requireSize({ messages: toolTurns({ items }), tools: toolsText(tools) });
  const settings = settingsOf(fields, {
    n_predict: mostTokens(fields),
    grammar: answerGrammar({ toolUse, answer: answerSchema(fields), ...fields }),
    drawSeed: context.drawSeed,
  });
  const prompt = chatPrompt(toolTurns({ items, tools, systemPrompt: context.systemPrompt }));
  const generation = { prompt, settings, ...probabilities(fields, context) };
  return { ...delivered(generation, fields), mayCallTools: toolUse !== undefined };
}

function probabilities({ logprobs, top_logprobs }: ChatFields, context: OpenAiContext) {
  if (top_logprobs && !logprobs) {
    throw requestInvalid([{ path: "top_logprobs", message: "needs `logprobs: true`" }]);
  }
  if (!logprobs) return {};
  requireLogprobs("logprobs", context);
  return { topLogprobs: top_logprobs ?? 0 };
}

/** `max_completion_tokens` is the newer name of `max_tokens`. */
function mostTokens(fields: z.output<typeof chatRequestSchema>): number {
  const { max_tokens, max_completion_tokens } = fields;
  if (max_tokens !== undefined && max_completion_tokens !== undefined) {
    const message = "cannot be sent together with `max_completion_tokens`; send one of them";
    throw requestInvalid([{ path: "max_tokens", message }]);
  }
  return max_completion_tokens ?? max_tokens ?? defaultChatTokens;
}

type ChatFields = z.output<typeof chatRequestSchema>;

/** The schema of the answer, by whichever name it was sent. */
function answerSchema({ response_format, json_schema }: ChatFields): AnswerSchema | undefined {
  const asked = schemaOf(response_format);
  if (json_schema === undefined) return asked;
  if (asked === undefined) return { schema: json_schema, path: "json_schema" };
  const message = "cannot be sent together with `response_format`; send one of them";
  throw requestInvalid([{ path: "json_schema", message }]);
}

/** The schema that a response format asks for, and where it is in the request. */
function schemaOf(format: ChatFields["response_format"]): AnswerSchema | undefined {
  if (format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") {
    return format.schema === undefined
      ? { schema: { type: "object" }, path: "response_format" }
      : { schema: format.schema, path: "response_format.schema" };
  }
  const path = "response_format.json_schema.schema";
  if (format.json_schema?.schema !== undefined) return { schema: format.json_schema.schema, path };
  throw requestInvalid([{ path, message: "is missing; send the JSON schema" }]);
}
