import { heldLength } from "../../stop-sequences.ts";
import { readLines } from "../line-reader.ts";

/**
 * The one place that reads what llama-cli prints. Tied to the pinned engine: every pattern here is
 * from runs of llama.cpp 1f86f058, recorded in `tests/fixtures/recorded/`.
 */

/** llama-cli ends its text with this when the model ended it … */
const endOfTextMark = " [end of text]\n";
/** … and always with this. */
const closing = "\n\n";
const endings = [endOfTextMark + closing, closing] as const;
/** As stop strings of which a whole ending is still only the beginning, so that it is held back. */
const heldEndings = endings.map((ending) => `${ending}.`);

/** What both of llama.cpp's programs say of a grammar that they then go on without. */
export const grammarRefusal =
  /error parsing grammar|failed to parse grammar|left recursion detected/;

/** Text of an answer, less what llama-cli adds to it. */
export interface LlamaCliText {
  /** Bytes from standard output → text that certainly belongs to the answer, maybe empty. */
  push(bytes: Uint8Array): string;
  /**
   * The rest of the answer.
   *
   * @param isComplete the engine came to its own end: then its closing lines are removed; else
   * newlines are text of the model's, and only the whole mark of its end is not
   */
  end(isComplete: boolean): {
    readonly text: string;
    /** The model ended it, not a limit. */
    readonly isEndOfText: boolean;
    /** The closing lines were there, without which an answer has been cut. */
    readonly isClosed: boolean;
  };
  /** Anything was printed at all. */
  hasBytes(): boolean;
}

/**
 * Incremental reader of llama-cli's standard output. Characters cut by a chunk border are put
 * together; bytes that are no UTF-8 (the engine prints broken sequences) become U+FFFD.
 */
export function readLlamaCliText(): LlamaCliText {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let held = "";
  let hasBytes = false;
  return {
    push(bytes) {
      hasBytes = true;
      const text = held + decoder.decode(bytes, { stream: true });
      const shown = text.length - heldLength(text, heldEndings);
      held = text.slice(shown);
      return text.slice(0, shown);
    },
    end(isComplete) {
      const text = held + decoder.decode();
      held = "";
      const candidates = isComplete ? endings : endings.slice(0, 1);
      const ending = candidates.find((candidate) => text.endsWith(candidate));
      return {
        text: text.slice(0, text.length - (ending ?? "").length),
        isEndOfText: ending === endings[0],
        isClosed: ending !== undefined,
      };
    },
    hasBytes: () => hasBytes,
  };
}

/** What llama-cli tells of itself on standard error; `null` for what it did not get to say. */
export interface LlamaCliStatistics {
  /** Tokens of the prompt, BOS included. */
  readonly promptTokens: number | null;
  /** Tokens sampled, the end token included. */
  readonly predictedTokens: number | null;
  readonly loadMs: number | null;
  readonly promptMs: number | null;
  readonly predictedMs: number | null;
  readonly promptTokensPerSecond: number | null;
  readonly predictedTokensPerSecond: number | null;
}

/** Incremental reader of llama-cli's standard error. */
export interface LlamaCliStatisticsReader {
  push(bytes: Uint8Array): void;
  /** The engine has said that it goes on without the grammar. */
  isGrammarRefused(): boolean;
  end(): LlamaCliStatistics;
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

export function readLlamaCliStatistics(): LlamaCliStatisticsReader {
  const found: Partial<Record<keyof typeof figures, readonly (number | null)[]>> = {};
  let isGrammarRefused = false;
  const lines = readLines((line) => {
    isGrammarRefused ||= grammarRefusal.test(line);
    for (const [name, pattern] of Object.entries(figures)) {
      const match = pattern.exec(line);
      if (match) found[name as keyof typeof figures] = match.slice(1).map(finiteNumber);
    }
  });
  return {
    push: lines.push,
    isGrammarRefused: () => isGrammarRefused,
    end() {
      lines.end();
      const promptTokens = found.keep?.[0] ?? found.prompt?.[1] ?? null;
      // The sampler sees every token of the prompt and every one it draws.
      const sampled = found.sampling?.[0] ?? null;
      return {
        promptTokens,
        predictedTokens: sampled === null || promptTokens === null ? null : sampled - promptTokens,
        loadMs: found.load?.[0] ?? null,
        promptMs: found.prompt?.[0] ?? null,
        predictedMs: found.predicted?.[0] ?? null,
        promptTokensPerSecond: found.prompt?.[2] ?? null,
        predictedTokensPerSecond: found.predicted?.[2] ?? null,
      };
    },
  };
}

function finiteNumber(text: string | undefined): number | null {
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
