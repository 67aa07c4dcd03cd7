/**
 * The progress of one answer of llama-server: its text, and why it ended. As process_token and
 * send_final_response of examples/server/server.cpp, llama.cpp@1f86f058 (read 2026-11), without
 * stop words. As there, bytes held back at a limit are never sent.
 */
import { StringDecoder } from "node:string_decoder";
import type { TokenProbability } from "./sampler.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Tokens and times (in milliseconds) of one answer. */
export interface AnswerCounts {
  /** All tokens of the prompt. */
  readonly promptTokens: number;
  /** Those of them that had to be evaluated. */
  readonly freshTokens: number;
  readonly promptMs: number;
  readonly predictedMs: number;
}

/** Collects the tokens of an answer. */
export class CompletionAnswer {
  /** Tokens taken. */
  predictedTokens = 0;
  readonly #vocabulary: Vocabulary;
  readonly #predictTokens: number;
  /** Bytes that end inside a character. */
  #held: Uint8Array = Buffer.alloc(0);
  #stoppedAtEnd = false;
  #stoppedAtLimit = false;

  /** `predictTokens` is the request's: see `CompletionRequest`. */
  constructor(vocabulary: Vocabulary, predictTokens: number) {
    this.#vocabulary = vocabulary;
    this.#predictTokens = predictTokens;
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
    this.predictedTokens++;
    this.#stoppedAtLimit =
      this.#predictTokens !== -1 && this.predictedTokens >= this.#predictTokens;
    this.#stoppedAtEnd = this.#vocabulary.endOfGeneration.has(token);
    const text = Buffer.concat([this.#held, this.#vocabulary.bytesOf(token, false)]);
    this.#held = endsInsideCharacter(text) ? text : Buffer.alloc(0);
    if (this.#held.length > 0) return undefined;
    const content = text.toString();
    if (candidates.length === 0) return { content, stop: false };
    const probs = candidates.map((each) => ({
      tok_str: this.#written(each.token),
      prob: each.probability,
    }));
    // The engine sends as many entries as the text has tokens.
    const completion_probabilities =
      content === "" ? [] : [{ content: this.#written(token), probs }];
    return { content, stop: false, completion_probabilities };
  }

  /** A token as llama-server writes it beside its probability. */
  #written(token: number): string {
    const bytes = this.#vocabulary.bytesOf(token, true);
    const isByte = bytes.length === 1 && (bytes[0] as number) >= 0x80;
    return isByte ? `byte: \\x${bytes[0]?.toString(16)}` : Buffer.from(bytes).toString();
  }

  /** The last event, with those of llama-server's fields that the runtime reads. */
  end({ promptTokens, freshTokens, promptMs, predictedMs }: AnswerCounts): object {
    return {
      content: "",
      stop: true,
      stopped_eos: this.#stoppedAtEnd,
      stopped_word: false,
      stopped_limit: this.#stoppedAtLimit,
      tokens_evaluated: promptTokens,
      tokens_predicted: this.predictedTokens,
      timings: {
        prompt_n: freshTokens,
        prompt_ms: promptMs,
        predicted_ms: predictedMs,
        predicted_per_second: (1e3 / predictedMs) * this.predictedTokens,
      },
    };
  }
}

/** Whether the last character lacks bytes: a decoder then waits for more. */
function endsInsideCharacter(bytes: Buffer): boolean {
  return new StringDecoder("utf8").write(bytes) !== bytes.toString();
}
