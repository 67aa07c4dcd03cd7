import * as z from "zod";
import { type Constraint, constraintGrammar } from "../constraint/constraint.ts";
import { AppError, type Problem } from "../errors.ts";
import type { GenerationRequest } from "../generation.ts";
import { chatPrompt, chatRoles, withSystemPrompt } from "./chat-prompt.ts";
import { mostProblems, requestProblems } from "./problems.ts";

/** Bounds of one numeric field of a request. */
export interface NumberBounds {
  readonly isInteger: boolean;
  readonly minimum: number;
  /** The minimum itself is not allowed. */
  readonly isMinimumExclusive?: boolean;
  readonly maximum: number;
  /** Absent where the default is drawn at random. */
  readonly default?: number;
}

/**
 * The numeric fields of the direct contract. Ranges are the documented API's; seed 2^32-1 is left
 * out because llama.cpp reads it as "random".
 */
export const numberBounds = {
  n_predict: { isInteger: true, minimum: 1, maximum: 4096, default: 128 },
  temperature: { isInteger: false, minimum: 0, maximum: 2, default: 0.7 },
  top_p: { isInteger: false, minimum: 0, maximum: 1, default: 0.9 },
  top_k: { isInteger: true, minimum: 0, maximum: 1000, default: 40 },
  repeat_penalty: {
    isInteger: false,
    minimum: 0,
    isMinimumExclusive: true,
    maximum: 2,
    default: 1.1,
  },
  min_p: { isInteger: false, minimum: 0, maximum: 1, default: 0.05 },
  seed: { isInteger: true, minimum: 0, maximum: 2 ** 32 - 2 },
} as const satisfies Record<string, NumberBounds>;

/** Bounds of the text fields. Prompt size is in bytes of UTF-8, all messages together. */
export const textBounds = {
  promptBytes: 256 * 1024,
  stops: 4,
  /** In UTF-16 units; what is held back from the stream while a stop string may be under way. */
  stopLength: 256,
  /** In UTF-16 units; far below the 128 KiB that Linux allows one argument of a command line. */
  grammarLength: 32 * 1024,
} as const;

const unpairedSurrogate = "holds half a surrogate pair, which is no character; send whole ones";
const nulCharacter = "holds a NUL character, which no command line can carry; write `\\x00`";
const streamsOverHttp = "is for HTTP, at POST /completion; a direct invocation answers at once";

/** Text made of whole characters. */
export const wholeText = z.string().refine((value) => value.isWellFormed(), unpairedSurrogate);

/** Texts at which to stop. */
export const stopTexts = z.array(wholeText.min(1).max(textBounds.stopLength)).max(textBounds.stops);

/** A grammar, which llama-cli is given on its command line. */
export const grammarText = wholeText
  .min(1)
  .max(textBounds.grammarLength)
  .refine((value) => !value.includes("\0"), nulCharacter);

const messageSchema = z.strictObject({ role: z.enum(chatRoles), content: wholeText });

/** A conversation. */
export const chatMessages = z.array(messageSchema).min(1);

const requestSchema = z.strictObject({
  prompt: wholeText.min(1).optional(),
  messages: chatMessages.optional(),
  ...numberFields(),
  stop: stopTexts.default([]),
  json_schema: z.looseObject({}).optional(),
  grammar: grammarText.optional(),
  stream: z
    .boolean()
    .refine((isStream) => !isStream, streamsOverHttp)
    .optional(),
});

/** Names a request may have. */
export const requestFields: readonly string[] = Object.keys(requestSchema.shape);

/**
 * What a caller sent, checked, with every setting in force.
 *
 * @param input a value from JSON
 * @param drawSeed a random whole number from 0 to 2^32-2, for a request without `seed`
 * @param systemPrompt for conversations without a system message
 * @throws AppError `request-invalid` that lists every problem with its path
 */
export function parseRequest(
  input: unknown,
  drawSeed: () => number,
  systemPrompt?: string,
): GenerationRequest {
  const result = requestSchema.safeParse(input, { reportInput: true });
  const problems = [
    ...requestProblems(result.error?.issues ?? [], requestFields, numberBounds),
    ...promptProblems(input),
  ];
  if (!result.success || problems.length > 0) {
    throw requestInvalid(problems);
  }
  const { prompt, messages, seed, json_schema, grammar, stream: _, ...settings } = result.data;
  return {
    prompt: prompt ?? chatPrompt(withSystemPrompt(messages ?? [], systemPrompt)),
    settings: {
      ...settings,
      seed: seed ?? drawSeed(),
      grammar: grammarOf({ jsonSchema: json_schema, grammar }),
    },
  };
}

/**
 * The grammar that a request's schema or grammar amounts to.
 *
 * @throws AppError `request-invalid` when an engine could not be held to it
 */
export function grammarOf(constraint: Constraint): string {
  const { grammar, problems } = constraintGrammar(constraint, textBounds.grammarLength);
  if (problems.length > 0) throw requestInvalid(problems);
  return grammar;
}

/** The error that lists these problems. */
export function requestInvalid(all: readonly Problem[]): AppError {
  const problems = all.slice(0, mostProblems).map(brief);
  const listed = problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const more = all.length - problems.length;
  const message = more === 0 ? listed : `${listed}; and ${more} more problems`;
  return new AppError("request-invalid", message, { problems });
}

/** Nothing longer is worth reading: names and rules may be as long as a request. */
const longestPath = 200;
const longestMessage = 400;

function brief({ path, message }: Problem): Problem {
  return { path: cut(path, longestPath), message: cut(message, longestMessage) };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
}

/** The zod schema of a number within bounds. */
export function numberField(bounds: NumberBounds) {
  const number = bounds.isInteger ? z.int() : z.number();
  const above = bounds.isMinimumExclusive ? number.gt(bounds.minimum) : number.gte(bounds.minimum);
  return above.lte(bounds.maximum);
}

/** The zod schema of every field of {@link numberBounds}. */
function numberFields() {
  const field = numberField;
  return {
    n_predict: field(numberBounds.n_predict).default(numberBounds.n_predict.default),
    temperature: field(numberBounds.temperature).default(numberBounds.temperature.default),
    top_p: field(numberBounds.top_p).default(numberBounds.top_p.default),
    top_k: field(numberBounds.top_k).default(numberBounds.top_k.default),
    repeat_penalty: field(numberBounds.repeat_penalty).default(numberBounds.repeat_penalty.default),
    min_p: field(numberBounds.min_p).default(numberBounds.min_p.default),
    seed: field(numberBounds.seed).optional(),
  };
}

/** What no single field can tell: prompt or messages exactly once, and their size together. */
function promptProblems(input: unknown): Problem[] {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return [];
  const { prompt, messages } = input as { prompt?: unknown; messages?: unknown };
  if (prompt === undefined && messages === undefined) {
    const message = "is missing; send `prompt` (a string) or `messages` (an array)";
    return [{ path: "prompt", message }];
  }
  const problems: Problem[] = [];
  if (prompt !== undefined && messages !== undefined) {
    const message = "cannot be sent together with `prompt`; send exactly one of them";
    problems.push({ path: "messages", message });
  }
  return [...problems, ...sizeProblems({ prompt, messages })];
}

/** Texts, or lists of messages, that are longer than a prompt may be; by their names. */
export function sizeProblems(texts: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(texts).flatMap(([path, value]) => {
    const bytes = textBytes(value);
    if (bytes <= textBounds.promptBytes) return [];
    const message = `must be at most ${textBounds.promptBytes} bytes of UTF-8; got ${bytes}`;
    return [{ path, message }];
  });
}

/** Bytes of UTF-8 in a prompt, or in the contents of messages. */
function textBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (!Array.isArray(value)) return 0;
  return value.reduce((sum: number, message) => sum + textBytes(message?.content), 0);
}
