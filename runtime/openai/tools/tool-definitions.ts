import * as z from "zod";
import type { SchemaKeywords } from "../../constraint/json-schema.ts";
import type { Problem } from "../../errors.ts";
import { requestInvalid } from "../../request/problems.ts";
import { wholeText } from "../../request/request.ts";

/** Most tools of a request, as at OpenAI. */
const mostTools = 128;

/** Most calls in one answer: a bound to a model that goes on calling. */
const mostCalls = 16;

/** A function's name: without quotes and brackets, so that it needs no escapes anywhere. */
export const toolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, `_` or `-`");

/**
 * What a function is described by. The arguments follow the schema whether `strict` is set or not:
 * a schema that they could not be held to is refused.
 */
export const functionFields = {
  name: toolName,
  description: wholeText.nullish(),
  parameters: z.looseObject({}).nullish(),
  strict: z.boolean().nullish(),
} as const;

const choiceHelp =
  'must be "none", "auto", "required" or a function: {"type":"function","function":{"name":"…"}}';

const namedFunction = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({ name: z.string() }),
});

/** The fields of a chat request that are about tools. */
export const chatToolFields = {
  tools: toolList(
    z.strictObject({ type: z.literal("function"), function: z.strictObject(functionFields) }),
  ),
  tool_choice: z
    .union([z.enum(["none", "auto", "required"]), namedFunction], { error: choiceHelp })
    .optional(),
  parallel_tool_calls: z.boolean().default(true),
} as const;

/** A list of tools, as long as OpenAI allows it to be. */
export function toolList<Tool extends z.ZodType>(tool: Tool) {
  return z.array(tool).max(mostTools).default([]);
}

type ChatToolFields = z.output<z.ZodObject<typeof chatToolFields>>;

/** A function that the model can call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON schema of its arguments, an object's. */
  readonly parameters: SchemaKeywords;
  /** Where it is in the request: `tools[1].function`. */
  readonly path: string;
}

/** Which tools an answer may call, and how. */
export interface ToolUse {
  /** All tools of the request, for the prompt. */
  readonly tools: readonly ToolDefinition[];
  /** Those that may be called now. */
  readonly callable: readonly ToolDefinition[];
  /** The answer is a call; else it is a call or text. */
  readonly isRequired: boolean;
  readonly mostCalls: number;
}

/** A function as a request describes it. */
type SentFunction = z.output<z.ZodObject<typeof functionFields>>;

/** What a request says about its tools, in one form for all routes. */
export interface SentTools {
  readonly functions: readonly SentFunction[];
  /** Where a function is described: `tools[1].function`. */
  readonly pathOf: (at: number) => string;
  readonly choice: "none" | "auto" | "required" | { readonly name: string; readonly path: string };
  readonly isParallel: boolean;
}

/** A chat request's tools; undefined when none may be called. @throws AppError `request-invalid` */
export function chatToolUse(fields: ChatToolFields): ToolUse | undefined {
  const { tool_choice: choice = "auto" } = fields;
  return toolUse({
    functions: fields.tools.map((tool) => tool.function),
    pathOf: (at) => `tools[${at}].function`,
    choice:
      typeof choice === "string"
        ? choice
        : { name: choice.function.name, path: "tool_choice.function.name" },
    isParallel: fields.parallel_tool_calls,
  });
}

/**
 * The tools that an answer may call; undefined when none may be.
 *
 * @throws AppError `request-invalid` that lists every problem across the definitions and the choice
 */
export function toolUse({ functions, pathOf, choice, isParallel }: SentTools): ToolUse | undefined {
  const tools = functions.map((sent, at) => definitionOf(sent, pathOf(at)));
  const problems = [
    ...duplicateProblems(tools),
    ...tools.flatMap(parameterProblems),
    ...choiceProblems(choice, tools),
  ];
  if (problems.length > 0) throw requestInvalid(problems);
  if (choice === "none" || tools.length === 0) return undefined;
  const isNamed = typeof choice === "object";
  return {
    tools,
    callable: isNamed ? tools.filter(({ name }) => name === choice.name) : tools,
    isRequired: choice !== "auto",
    mostCalls: isNamed || !isParallel ? 1 : mostCalls,
  };
}

function definitionOf({ name, description, parameters }: SentFunction, path: string) {
  return {
    name,
    description: description ?? undefined,
    parameters: argumentsSchema(parameters ?? { type: "object", properties: {} }),
    path,
  };
}

/** Keywords whose schemas say what the value is. */
const wholeKeywords = ["$ref", "anyOf", "allOf"] as const;

/** The schema as one of an object; one that declares no properties takes none. */
function argumentsSchema(parameters: SchemaKeywords): SchemaKeywords {
  if (wholeKeywords.some((keyword) => keyword in parameters)) return parameters;
  const { properties, required, additionalProperties } = parameters;
  const isEmpty =
    typeof properties === "object" && properties !== null && Object.keys(properties).length === 0;
  const isClosed = isEmpty && additionalProperties === undefined && required === undefined;
  return { type: "object", ...parameters, ...(isClosed && { additionalProperties: false }) };
}

function duplicateProblems(tools: readonly ToolDefinition[]): Problem[] {
  return tools
    .filter((tool, at) => tools.findIndex(({ name }) => name === tool.name) < at)
    .map(({ path }) => ({
      path: `${path}.name`,
      message: "is the name of a tool before it; give each tool its own",
    }));
}

function parameterProblems({ parameters, path }: ToolDefinition): Problem[] {
  const { type } = parameters;
  if (type === undefined || type === "object") return [];
  return [{ path: `${path}.parameters.type`, message: 'must be "object": arguments have names' }];
}

function choiceProblems(choice: SentTools["choice"], tools: readonly ToolDefinition[]): Problem[] {
  if (typeof choice === "object") {
    if (tools.some(({ name }) => name === choice.name)) return [];
    return [{ path: choice.path, message: "is not the name of one of `tools`" }];
  }
  if (choice !== "required" || tools.length > 0) return [];
  return [{ path: "tool_choice", message: "needs `tools` to choose from" }];
}
