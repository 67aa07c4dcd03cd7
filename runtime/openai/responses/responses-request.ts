import * as z from "zod";
import type { Problem } from "../../errors.ts";
import type { GenerationRequest } from "../../generation.ts";
import { chatPrompt } from "../../request/chat-prompt.ts";
import { requestInvalid } from "../../request/problems.ts";
import { wholeText } from "../../request/request.ts";
import { type OpenAiContext, parseFields, requireSize } from "../openai-request.ts";
import {
  defaultChatTokens,
  generationFields,
  settingsOf,
  tokensField,
} from "../sampling-fields.ts";
import { functionFields, type ToolUse, toolList, toolUse } from "../tools/tool-definitions.ts";
import { type AnswerSchema, answerGrammar } from "../tools/tool-grammar.ts";
import { toolsText, toolTurns } from "../tools/tool-prompt.ts";
import { unsupportedInResponses } from "../unsupported-fields.ts";
import { conversationOf, inputItems, plainInput } from "./input-items.ts";

const choiceHelp =
  'must be "none", "auto", "required" or a function: {"type":"function","name":"…"}';

const textSchema = z.strictObject({
  format: z
    .strictObject({
      type: z.enum(["text", "json_object", "json_schema"]),
      name: z.string().optional(),
      description: z.string().nullish(),
      strict: z.boolean().nullish(),
      schema: z.looseObject({}).optional(),
    })
    .default({ type: "text" }),
  verbosity: z.enum(["medium"]).nullish(),
});

const responsesRequestSchema = z.strictObject({
  input: inputItems,
  instructions: wholeText.optional(),
  max_output_tokens: tokensField,
  ...generationFields,
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).optional(),
  text: textSchema.default({ format: { type: "text" } }),
  tools: toolList(z.strictObject({ type: z.literal("function"), ...functionFields })),
  tool_choice: z
    .union(
      [
        z.enum(["none", "auto", "required"]),
        z.strictObject({ type: z.literal("function"), name: z.string() }),
      ],
      { error: choiceHelp },
    )
    .default("auto"),
  parallel_tool_calls: z.boolean().default(true),
  metadata: z.record(z.string(), z.string()).default({}),
});

/** Names that a request may have. */
export const responsesFields: readonly string[] = Object.keys(responsesRequestSchema.shape);

type ResponsesFields = z.output<typeof responsesRequestSchema>;

/** A request of `POST /v1/responses`, ready for the engine. */
export interface ResponsesRequest {
  readonly request: GenerationRequest;
  readonly isStreamed: boolean;
  /** The answer is written by the grammar of tool calls. */
  readonly mayCallTools: boolean;
  /** What the answer repeats of the request. */
  readonly echo: Pick<
    ResponsesFields,
    "text" | "tools" | "tool_choice" | "parallel_tool_calls" | "metadata"
  > & {
    readonly instructions: string | null;
    readonly max_output_tokens: number | null;
  };
}

/**
 * The body of `POST /v1/responses`, checked.
 *
 * @throws AppError `request-invalid` that lists every problem, `model-unknown`
 */
export function parseResponsesRequest(input: unknown, context: OpenAiContext): ResponsesRequest {
  const fields = parseFields(
    responsesRequestSchema,
    input,
    context.modelName,
    normalized,
    unsupportedInResponses,
  );
  const { instructions = "" } = fields;
  const conversation = conversationOf(fields.input);
  const use = responsesToolUse(fields);
  const tools = use?.tools ?? [];
  requireSize({
    instructions,
    input: toolTurns({ items: conversation }),
    tools: toolsText(tools),
  });
  const settings = settingsOf(fields, {
    n_predict: fields.max_output_tokens ?? defaultChatTokens,
    grammar: answerGrammar({
      toolUse: use,
      answer: formatSchema(fields),
      grammar: fields.grammar,
      ignore_eos: false,
    }),
    drawSeed: context.drawSeed,
  });
  const items = [
    ...(instructions === ""
      ? []
      : [{ kind: "message", role: "system", content: instructions } as const]),
    ...conversation,
  ];
  const prompt = chatPrompt(toolTurns({ items, tools, systemPrompt: context.systemPrompt }));
  const { text, tool_choice, parallel_tool_calls, metadata } = fields;
  return {
    request: { prompt, settings },
    isStreamed: fields.stream,
    mayCallTools: use !== undefined,
    echo: {
      instructions: fields.instructions ?? null,
      max_output_tokens: fields.max_output_tokens ?? null,
      text,
      tools: fields.tools,
      tool_choice,
      parallel_tool_calls,
      metadata,
    },
  };
}

/** `input` as items, and tools that are functions. */
function normalized(sent: Readonly<Record<string, unknown>>) {
  const { input, problems } = plainInput(sent.input);
  const isBuiltIn = (tool: unknown) =>
    typeof tool === "object" && tool !== null && "type" in tool && tool.type !== "function";
  const tools = Array.isArray(sent.tools) ? sent.tools : [];
  const builtIn = tools.flatMap((tool, at): Problem[] => {
    const message = 'must be "function": tools that run at OpenAI are not here';
    return isBuiltIn(tool) ? [{ path: `tools[${at}].type`, message }] : [];
  });
  return {
    fields: {
      ...sent,
      input,
      ...(builtIn.length > 0 && { tools: tools.filter((tool) => !isBuiltIn(tool)) }),
    },
    problems: [...problems, ...builtIn],
  };
}

function responsesToolUse(fields: ResponsesFields): ToolUse | undefined {
  const { tools, tool_choice: choice, parallel_tool_calls } = fields;
  return toolUse({
    functions: tools,
    pathOf: (at) => `tools[${at}]`,
    choice: typeof choice === "string" ? choice : { name: choice.name, path: "tool_choice.name" },
    isParallel: parallel_tool_calls,
  });
}

/** The schema that `text.format` asks for. */
function formatSchema({ text: { format } }: ResponsesFields): AnswerSchema | undefined {
  const path = "text.format.schema";
  if (format.type === "text") return undefined;
  if (format.schema !== undefined) return { schema: format.schema, path };
  if (format.type === "json_object") return { schema: { type: "object" }, path: "text.format" };
  throw requestInvalid([{ path, message: "is missing; send the JSON schema" }]);
}
