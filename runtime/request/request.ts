import * as z from "zod";
import { type Constraint, constraintGrammar } from "../constraint/constraint.ts";
import type { Problem } from "../errors.ts";
import type { GenerationRequest, LogitBias } from "../generation.ts";
import { chatPrompt, chatRoles, withSystemPrompt } from "./chat-prompt.ts";
import { requestInvalid, requestProblems } from "./problems.ts";
import {
  type DrawnName,
  type NumberBounds,
  type SamplingName,
  samplingParameters,
  samplingRows,
} from "./sampling-parameters.ts";

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

/** Ids of the tokens of 2B4T's vocabulary: 0 to this. */
const lastToken = 128_255;

/** Biases by token id, -100 to 100, as OpenAI has them; as {@link LogitBias}, `undefined` for none. */
export const logitBiasField = z
  .record(
    z.string().refine((id) => /^\d{1,6}$/.test(id) && Number(id) <= lastToken, {
      message: `must be the id of a token, a whole number from 0 to ${lastToken}`,
    }),
    z.number().gte(-100).lte(100),
  )
  .refine((biases) => Object.keys(biases).length <= 1024, "must have at most 1024 tokens")
  .transform((biases): LogitBias | undefined => {
    const pairs = Object.entries(biases).map(([id, bias]) => [Number(id), bias] as const);
    return pairs.length === 0 ? undefined : pairs;
  });

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

/** A number within bounds. */
type NumberField = z.ZodType<number, number>;

/** The schema of each sampling parameter, with its default or, where that is drawn, optional. */
type SamplingFields = {
  readonly [Name in SamplingName]: Name extends DrawnName
    ? z.ZodOptional<NumberField>
    : z.ZodDefault<NumberField>;
};

/** The fields of the sampling parameters. */
export const samplingFields = Object.fromEntries(
  samplingRows.map(([name, bounds]) => {
    const field = numberField(bounds);
    return [name, bounds.default === undefined ? field.optional() : field.default(bounds.default)];
  }),
) as SamplingFields;

const requestSchema = z.strictObject({
  prompt: wholeText.min(1).optional(),
  messages: chatMessages.optional(),
  ...samplingFields,
  stop: stopTexts.default([]),
  json_schema: z.looseObject({}).optional(),
  grammar: grammarText.optional(),
  ignore_eos: z.boolean().default(false),
  logit_bias: logitBiasField.optional(),
  stream: z
    .boolean()
    .refine((isStream) => !isStream, streamsOverHttp)
    .optional(),
});

/** Names a request may have. */
export const requestFields: readonly string[] = Object.keys(requestSchema.shape);

/**
 * A request of the direct contract, checked, with its effective settings.
 *
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
    ...requestProblems(result.error?.issues ?? [], requestFields, samplingParameters),
    ...promptProblems(input),
  ];
  if (!result.success || problems.length > 0) {
    throw requestInvalid(problems);
  }
  const { prompt, messages, seed, stream: _, ...fields } = result.data;
  const { json_schema, grammar, ignore_eos, logit_bias, ...settings } = fields;
  return {
    prompt: prompt ?? chatPrompt(withSystemPrompt(messages ?? [], systemPrompt)),
    settings: {
      ...settings,
      seed: seed ?? drawSeed(),
      grammar: grammarOf({ jsonSchema: json_schema, grammar }, ignore_eos),
      ...(logit_bias !== undefined && { logit_bias }),
    },
  };
}

/** Any text, which never ends: after each character it asks for one more. */
const endlessGrammar = "root ::= [^\\x00] root";

/**
 * The grammar that a request's schema or grammar amounts to.
 *
 * @param ignoresEnd keeps the answer from ending early; the engines' own flags suppress one end token of
 * the two that 2B4T has
 * @throws AppError `request-invalid` when an engine could not be held to it
 */
export function grammarOf(constraint: Constraint, ignoresEnd = false): string {
  const isFree = constraint.grammar === undefined && constraint.jsonSchema === undefined;
  if (ignoresEnd && isFree) return endlessGrammar;
  if (ignoresEnd) {
    const message = "cannot be sent together with a grammar or a JSON schema, at whose end it ends";
    throw requestInvalid([{ path: "ignore_eos", message }]);
  }
  const { grammar, problems } = constraintGrammar(constraint, textBounds.grammarLength);
  if (problems.length > 0) throw requestInvalid(problems);
  return grammar;
}

/** The schema of a number within bounds. */
export function numberField(bounds: NumberBounds): NumberField {
  const number = bounds.isInteger ? z.int() : z.number();
  const above = bounds.isMinimumExclusive ? number.gt(bounds.minimum) : number.gte(bounds.minimum);
  return above.lte(bounds.maximum);
}

/** Problems across fields: prompt or messages exactly once, and their size together. */
function promptProblems(input: unknown): Problem[] {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return [];
  const { prompt, messages } = input as { prompt?: unknown; messages?: unknown };
  if (prompt === undefined && messages === undefined) {
    const message = "is missing; send `prompt` (a string) or `messages` (an array)";
    return [{ path: "prompt", message }];
  }
  const tooLarge = sizeProblems({ prompt, messages });
  if (prompt === undefined || messages === undefined) return tooLarge;
  const message = "cannot be sent together with `prompt`; send exactly one of them";
  return [{ path: "messages", message }, ...tooLarge];
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
