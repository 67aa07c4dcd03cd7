import type { Timings } from "../../generation.ts";
import { heldLength } from "../../stop-sequences.ts";
import { LineReader } from "../line-reader.ts";

/**
 * The one place that reads what llama-cli prints: every pattern is from runs of the pinned engine
 * (llama.cpp 1f86f058), recorded in `tests/fixtures/recorded/`.
 */

/** llama-cli ends its text with this when the model ended it … */
const endOfTextMark = " [end of text]\n";
/** … and always with this. */
const closing = "\n\n";
const endings = [endOfTextMark + closing, closing] as const;
/** As stop strings of which a whole ending is still only the beginning, so that it is held back. */
const heldEndings = endings.map((ending) => `${ending}.`);

/** What both of llama.cpp's programs print about a grammar that they then go on without. */
export const grammarRefusal =
  /error parsing grammar|failed to parse grammar|left recursion detected/;

/** The end of an answer's text. */
export interface LlamaCliEnd {
  /** What {@link LlamaCliText.push} had held back. */
  readonly text: string;
  /** The model ended it, not a limit. */
  readonly isEndOfText: boolean;
  /** The closing lines were there, without which an answer has been cut. */
  readonly isClosed: boolean;
}

/** The beginning of a character of UTF-8 at the end of bytes, which stand for one letter each. */
const incompleteCharacter = /(?:[\xc0-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf7][\x80-\xbf]{0,2})$/;

/**
 * Incremental reader of llama-cli's standard output. Bytes that are no UTF-8 become U+FFFD; half a
 * character at the end of an answer is left out, as llama-server does.
 */
export class LlamaCliText {
  /** Anything was printed at all. */
  hasBytes = false;
  /** Bytes held back, as letters from U+0000 to U+00FF. */
  #held = "";

  /** Bytes from standard output → text that certainly belongs to the answer, maybe empty. */
  push(bytes: Uint8Array): string {
    this.hasBytes = true;
    const letters = this.#held + Buffer.from(bytes).toString("latin1");
    const beforeEnding = letters.slice(0, letters.length - heldLength(letters, heldEndings));
    const shown = beforeEnding.replace(incompleteCharacter, "");
    this.#held = letters.slice(shown.length);
    return decoded(shown);
  }

  /**
   * The rest of the answer.
   *
   * @param isComplete the engine came to its own end: its closing lines are removed. Otherwise newlines
   * are the model's text, and only the whole end-of-text mark is removed.
   */
  end(isComplete: boolean): LlamaCliEnd {
    const letters = this.#held;
    this.#held = "";
    const candidates = isComplete ? endings : endings.slice(0, 1);
    const ending = candidates.find((candidate) => letters.endsWith(candidate));
    const rest = letters.slice(0, letters.length - (ending ?? "").length);
    return {
      text: decoded(rest.replace(incompleteCharacter, "")),
      isEndOfText: ending === endings[0],
      isClosed: ending !== undefined,
    };
  }
}

function decoded(letters: string): string {
  return Buffer.from(letters, "latin1").toString("utf8");
}

/** What llama-cli reports on standard error; `null` for what it did not come to print. */
export interface LlamaCliStatistics extends Omit<Timings, "firstTokenMs" | "totalMs"> {
  /** Tokens of the prompt, BOS included. */
  readonly promptTokens: number | null;
  /** Tokens sampled, the end token included. */
  readonly predictedTokens: number | null;
}

/** Lines that hold figures; a number is `inf` or `nan` where the engine divided by zero. */
const figures = {
  // With `--keep -1` the engine keeps, and so prints, the whole prompt.
  keep: /^generate: n_ctx = \d+, n_batch = \d+, n_predict = -?\d+, n_keep = (\d+)/,
  sampling: /^llama_perf_sampler_print:\s+sampling time =\s*\S+ ms \/\s*(\d+) runs/,
  load: /^llama_perf_context_print:\s+load time =\s*(\S+) ms/,
  prompt:
    /^llama_perf_context_print:\s+prompt eval time =\s*(\S+) ms \/\s*(\d+) tokens .*?(\S+) tokens per second/,
  predicted:
    /^llama_perf_context_print:\s+eval time =\s*(\S+) ms \/\s*(\d+) runs .*?(\S+) tokens per second/,
} as const;

/** Incremental reader of llama-cli's standard error. */
export class LlamaCliStatisticsReader {
  /** The engine has reported that it goes on without the grammar. */
  isGrammarRefused = false;
  readonly #found: Partial<Record<keyof typeof figures, readonly (number | null)[]>> = {};
  readonly #lines = new LineReader((line) => this.#read(line));

  /** Tokens of the prompt, BOS included; known before the first text. */
  get promptTokens(): number | null {
    return this.#found.keep?.[0] ?? this.#found.prompt?.[1] ?? null;
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): LlamaCliStatistics {
    this.#lines.end();
    const { sampling, load, prompt, predicted } = this.#found;
    const { promptTokens } = this;
    // The sampler sees every token of the prompt and every one it draws.
    const sampled = sampling?.[0] ?? null;
    return {
      promptTokens,
      predictedTokens: sampled === null || promptTokens === null ? null : sampled - promptTokens,
      loadMs: load?.[0] ?? null,
      promptMs: prompt?.[0] ?? null,
      predictedMs: predicted?.[0] ?? null,
      promptTokensPerSecond: prompt?.[2] ?? null,
      predictedTokensPerSecond: predicted?.[2] ?? null,
    };
  }

  #read(line: string): void {
    this.isGrammarRefused ||= grammarRefusal.test(line);
    for (const [name, pattern] of Object.entries(figures)) {
      const match = pattern.exec(line);
      if (match) this.#found[name as keyof typeof figures] = match.slice(1).map(finiteNumber);
    }
  }
}

function finiteNumber(text: string | undefined): number | null {
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
