import * as z from "zod";
import { AppError } from "../../errors.ts";
import type { EngineFinishReason } from "../../generation.ts";
import { parseJson } from "../../request/json.ts";

/**
 * The one place that reads what llama-server answers. Tied to the pinned engine: see
 * `tests/fixtures/recorded/llama-server-transcripts-01eb415.json`. Loose: only the fields that are read are required.
 */

/** Text without NUL, which llama-cli does not print either. */
const content = z.string().transform((text) => text.replaceAll("\0", ""));

/** A piece of an answer. */
const pieceSchema = z.object({ content, stop: z.literal(false) });

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
  return new AppError("engine-failed", "the engine's answer has an unexpected form", {
    cause,
  });
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
