import * as z from "zod";
import { chatPrompt } from "../request/chat-prompt.ts";
import { requestInvalid } from "../request/problems.ts";
import { grammarOf } from "../request/request.ts";
import { conversationOf, openAiMessages, plainMessages } from "./chat-messages.ts";
import {
  type OpenAiContext,
  type OpenAiRequest,
  parseFields,
  requireSize,
  streaming,
} from "./openai-request.ts";
import { settingsOf, sharedFields, tokensField } from "./sampling-fields.ts";
import { chatToolFields, chatToolUse, type ToolUse } from "./tools/tool-definitions.ts";
import { type AnswerSchema, toolGrammar } from "./tools/tool-grammar.ts";
import { toolsText, toolTurns } from "./tools/tool-prompt.ts";

/**
 * Most tokens of a chat answer where the request sets no limit. OpenAI's default is the whole context;
 * this is enough for an answer and bounds what one request can cost.
 */
const defaultTokens = 1024;

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
  response_format: responseFormatSchema.optional(),
});

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
    grammar: answerGrammar(fields, toolUse),
    drawSeed: context.drawSeed,
  });
  const prompt = chatPrompt(toolTurns({ items, tools, systemPrompt: context.systemPrompt }));
  return {
    request: { prompt, settings },
    ...streaming(fields),
    mayCallTools: toolUse !== undefined,
  };
}

/** `max_completion_tokens` is the newer name of `max_tokens`. */
function mostTokens(fields: z.output<typeof chatRequestSchema>): number {
  const { max_tokens, max_completion_tokens } = fields;
  if (max_tokens !== undefined && max_completion_tokens !== undefined) {
    const message = "cannot be sent together with `max_completion_tokens`; send one of them";
    throw requestInvalid([{ path: "max_tokens", message }]);
  }
  return max_completion_tokens ?? max_tokens ?? defaultTokens;
}

type ChatFields = z.output<typeof chatRequestSchema>;

/**
 * The grammar that a chat request's tools, format, schema or own grammar amount to.
 *
 * @throws AppError `request-invalid` when an engine could not be held to it
 */
function answerGrammar(fields: ChatFields, toolUse: ToolUse | undefined): string {
  const answer = answerSchema(fields);
  if (toolUse !== undefined) {
    if (fields.grammar === undefined) return toolGrammar(toolUse, answer);
    const message = 'cannot be sent together with `tools`, but with `tool_choice: "none"`';
    throw requestInvalid([{ path: "grammar", message }]);
  }
  return grammarOf({
    jsonSchema: answer?.schema,
    grammar: fields.grammar,
    paths: { jsonSchema: answer?.path ?? "json_schema", grammar: "grammar" },
  });
}

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
