/**
 * The progress of one answer of llama-server: its text, and why it ended.
 *
 * Mirrors process_token and send_final_response of examples/server/server.cpp, llama.cpp@1f86f058
 * (read 2026-11), for requests without stop words. As there, bytes held back at a limit are never
 * sent.
 */
import type { TokenProbability } from "./sampler.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Counts and times of one answer. Times in milliseconds. */
export interface CompletionCounts {
  /** All tokens of the prompt. */
  readonly promptTokens: number;
  /** Those of them that had to be evaluated. */
  readonly freshTokens: number;
  promptMs: number;
  predictedTokens: number;
  predictedMs: number;
}

/** Collects the tokens of an answer. */
export class CompletionAnswer {
  readonly counts: CompletionCounts;
  readonly #vocabulary: Vocabulary;
  readonly #predictTokens: number;
  /** Bytes that end inside a character. */
  #held: Uint8Array = Buffer.alloc(0);
  #stoppedAtEnd = false;
  #stoppedAtLimit = false;

  /** `predictTokens` is the request's: see `CompletionRequest`. */
  constructor(vocabulary: Vocabulary, predictTokens: number, counts: CompletionCounts) {
    this.#vocabulary = vocabulary;
    this.#predictTokens = predictTokens;
    this.counts = counts;
  }

  /** Whether the last token has been taken. */
  get hasEnded(): boolean {
    return this.#stoppedAtEnd || this.#stoppedAtLimit;
  }

  /**
   * Takes a token, and the candidates in its place where they were asked for. Returns the event to
   * send; undefined while a character is not complete.
   */
  take(token: number, candidates: readonly TokenProbability[] = []): object | undefined {
    const predicted = ++this.counts.predictedTokens;
    this.#stoppedAtLimit = this.#predictTokens !== -1 && predicted >= this.#predictTokens;
    this.#stoppedAtEnd = this.#vocabulary.endOfGeneration.has(token);
    const text = Buffer.concat([this.#held, this.#vocabulary.bytesOf(token, false)]);
    this.#held = endsInsideCharacter(text) ? text : Buffer.alloc(0);
    if (this.#held.length > 0) return undefined;
    const content = text.toString();
    if (candidates.length === 0) return { content, stop: false };
    const entry = {
      content: this.#written(token),
      probs: candidates.map((each) => ({
        tok_str: this.#written(each.token),
        prob: each.probability,
      })),
    };
    // The engine sends as many entries as the text has tokens.
    const completion_probabilities = content === "" ? [] : [entry];
    return { content, stop: false, completion_probabilities };
  }

  /** A token as llama-server writes it beside its probability. */
  #written(token: number): string {
    const bytes = this.#vocabulary.bytesOf(token, true);
    const isByte = bytes.length === 1 && (bytes[0] as number) >= 0x80;
    return isByte ? `byte: \\x${bytes[0]?.toString(16)}` : Buffer.from(bytes).toString();
  }

  /** The last event, with those of llama-server's fields that the runtime reads. */
  end(): object {
    const { promptTokens, freshTokens, promptMs, predictedTokens, predictedMs } = this.counts;
    return {
      content: "",
      stop: true,
      stopped_eos: this.#stoppedAtEnd,
      stopped_word: false,
      stopped_limit: this.#stoppedAtLimit,
      tokens_evaluated: promptTokens,
      tokens_predicted: predictedTokens,
      timings: {
        prompt_n: freshTokens,
        prompt_ms: promptMs,
        predicted_ms: predictedMs,
        predicted_per_second: (1e3 / predictedMs) * predictedTokens,
      },
    };
  }
}

/** Whether the last character lacks bytes. */
function endsInsideCharacter(bytes: Uint8Array): boolean {
  for (let back = 1; back < 5 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = byte >> 6 === 0b10;
    if (!isContinuation) return back < characterLength(byte);
  }
  return false;
}

/** Bytes of the character that a byte begins. */
function characterLength(byte: number): number {
  if (byte >> 5 === 0b110) return 2;
  if (byte >> 4 === 0b1110) return 3;
  return byte >> 3 === 0b11110 ? 4 : 1;
}
