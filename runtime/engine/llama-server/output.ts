import * as z from "zod";
import { AppError } from "../../errors.ts";
import type { ChosenToken, EngineFinishReason, TokenLogprob } from "../../generation.ts";
import { parseJson } from "../../request/json.ts";

/**
 * The one place that reads what llama-server answers, tied to the pinned engine
 * (`tests/fixtures/recorded/llama-server-transcripts-01eb415.json`). Only fields that are read are required.
 */

/** Text without NUL, which llama-cli does not print either. */
const content = z.string().transform((text) => text.replaceAll("\0", ""));

/** The tokens of a piece, and the candidates in the place of each, the likeliest first. */
const probabilitiesSchema = z.array(
  z.object({
    content: z.string(),
    probs: z.array(z.object({ tok_str: z.string(), prob: z.number() })),
  }),
);

/** A piece of an answer; the probabilities only where they were asked for. */
const pieceSchema = z.object({
  content,
  stop: z.literal(false),
  completion_probabilities: probabilitiesSchema.optional(),
});

/** What follows the last piece. */
const endSchema = z.object({
  content,
  stop: z.literal(true),
  stopped_eos: z.boolean(),
  stopped_limit: z.boolean(),
  tokens_evaluated: z.number(),
  tokens_predicted: z.number(),
  timings: z.object({
    prompt_n: z.number().nullish(),
    prompt_ms: z.number().nullish(),
    predicted_ms: z.number().nullish(),
    predicted_per_second: z.number().nullish(),
  }),
});

const completionEventSchema = z.union([pieceSchema, endSchema]);

/** One event of a streamed completion. */
export type CompletionEvent = z.output<typeof completionEventSchema>;

/** The last event. */
export type CompletionEnd = z.output<typeof endSchema>;

const tokensSchema = z.object({ tokens: z.array(z.number()) });

/** The tokens in an answer of `POST /tokenize`. */
export function readTokens(body: string): readonly number[] {
  return read(tokensSchema, body).tokens;
}

/** Incremental reader of a streamed completion: bytes in, whole events out. */
export class CompletionReader {
  readonly #decoder = new TextDecoder();
  #held = "";

  /** @throws AppError `engine-failed` for an `error:` line and for what is no event */
  push(bytes: Uint8Array): CompletionEvent[] {
    const blocks = (this.#held + this.#decoder.decode(bytes, { stream: true })).split("\n\n");
    this.#held = blocks.pop() ?? "";
    return blocks.filter((block) => block !== "").map(completionEvent);
  }
}

function completionEvent(block: string): CompletionEvent {
  const data = /^data: (.*)$/s.exec(block)?.[1];
  if (data === undefined) throw unreadable();
  return read(completionEventSchema, data);
}

function read<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  try {
    return schema.parse(parseJson(text, "engine"));
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause?: unknown): AppError {
  return new AppError("engine-failed", "the engine's answer has an unexpected form", { cause });
}

/** A probability that the engine does not report, because it is too small: OpenAI's number for it. */
const unlikelyLogprob = -9999;

/**
 * The tokens of a piece; `undefined` where none were asked for. Of a character that several tokens
 * make up, the engine reports the last token alone.
 */
export function chosenTokens(event: CompletionEvent, top = 0): ChosenToken[] | undefined {
  if (event.stop || event.completion_probabilities === undefined) return undefined;
  return event.completion_probabilities.map(({ content: text, probs }) => {
    // Behind the last candidate the engine repeats tokens with a probability of 0.
    const candidates = probs.filter(({ prob }) => prob > 0).map(candidate);
    const { token, bytes } = tokenText(text);
    const logprob = candidates.find((each) => each.token === token)?.logprob ?? unlikelyLogprob;
    return { token, bytes, logprob, candidates: candidates.slice(0, top) };
  });
}

function candidate({ tok_str, prob }: { tok_str: string; prob: number }): TokenLogprob {
  return { ...tokenText(tok_str), logprob: Math.log(prob) };
}

/** A token as the engine writes it: a byte of a character as `byte: \xe2`, broken UTF-8 as U+FFFD. */
function tokenText(written: string): Pick<TokenLogprob, "token" | "bytes"> {
  const byte = /^byte: \\x([0-9a-f]{2})$/.exec(written)?.[1];
  if (byte !== undefined) return { token: `bytes:\\x${byte}`, bytes: [Number.parseInt(byte, 16)] };
  if (written.includes("\ufffd")) return { token: written, bytes: null };
  return { token: written, bytes: [...Buffer.from(written)] };
}

/** Why an answer ended. The engine's own chat route has this wrong; its completion route does not. */
export function endReason(end: CompletionEnd): EngineFinishReason {
  return end.stopped_eos ? "stop" : "length";
}

/** The end of an answer, with the timings of the request that read its prompt before added. */
export function withReading(end: CompletionEnd, reading: CompletionEnd): CompletionEnd {
  const sum = (name: "prompt_n" | "prompt_ms") =>
    (end.timings[name] ?? 0) + (reading.timings[name] ?? 0);
  return {
    ...end,
    timings: { ...end.timings, prompt_n: sum("prompt_n"), prompt_ms: sum("prompt_ms") },
  };
}
