/**
 * The generating loop of llama-cli: take tokens in, sample one, print it, see whether to stop.
 *
 * Mirrors main() of examples/main/main.cpp, llama.cpp@1f86f058 (read 2026-11), quirks included: a
 * prompt that ends with an end token is answered with nothing; a NUL byte ends the text of its
 * token; a reverse prompt is looked for within two bytes of the end only.
 */
import type { Model, TextSession } from "./engine.ts";
import { processEscapes } from "./escapes.ts";
import type { LlamaCliSettings } from "./llama-cli-flags.ts";
import { performanceReport, type RunCounts, samplerReport } from "./llama-cli-report.ts";
import type { LlamaCliWorld } from "./llama-cli-run.ts";
import { Sampler } from "./sampler.ts";
import { lineFeedToken, tokenize } from "./tokenizer.ts";

/** A model, loaded and ready, and a prompt that fits. */
export interface GenerationParts {
  readonly settings: LlamaCliSettings;
  readonly world: LlamaCliWorld;
  readonly counts: RunCounts;
  readonly model: Model;
  readonly session: TextSession;
  readonly prompt: readonly number[];
  readonly contextTokens: number;
}

const INTERRUPTED_EXIT_CODE = 130;
/** How many tokens back a reverse prompt is looked for. */
const REVERSE_PROMPT_TOKENS = 32;
/** How many bytes may follow a reverse prompt that is part of a longer token. */
const REVERSE_PROMPT_PADDING = 2;

/** One answer to one prompt. */
export class LlamaCliGeneration {
  readonly #parts: GenerationParts;
  readonly #sampler: Sampler;
  readonly #keepTokens: number;
  readonly #reversePrompts: readonly Buffer[];
  /** Every token so far, prompt and answer. */
  readonly #tokens: number[] = [];
  /** Scores of the token to come. */
  #logits: Float32Array = new Float32Array(0);

  constructor(parts: GenerationParts) {
    const { settings, model, prompt } = parts;
    this.#parts = parts;
    this.#sampler = new Sampler(settings.sampling, lineFeedToken(model.vocabulary));
    this.#keepTokens = keptTokens(settings.keepTokens, prompt.length, model);
    this.#reversePrompts = settings.processesEscapes
      ? settings.reversePrompts.map(processEscapes)
      : settings.reversePrompts;
  }

  /** Generates and reports. Resolves to the exit code. */
  async run(): Promise<number> {
    const { settings, world, contextTokens } = this.#parts;
    const { sampling, batchTokens, predictTokens } = settings;
    if (settings.printsVerbosePrompt) this.#reportPrompt();
    const run = { contextTokens, batchTokens, predictTokens, keepTokens: this.#keepTokens };
    world.writeError(samplerReport(sampling, run));
    const isComplete = await this.#generate();
    await world.writeOutput(Buffer.from(isComplete ? "\n\n" : "\n"));
    world.writeError(performanceReport(this.#parts.counts, world.now()));
    if (isComplete) return 0;
    await world.writeOutput(Buffer.from("Interrupted by user\n"));
    return INTERRUPTED_EXIT_CODE;
  }

  /** Resolves to false when it was interrupted. */
  async #generate(): Promise<boolean> {
    const { settings, world, prompt, model } = this.#parts;
    let pending: number[] = [];
    let consumed = 0;
    let remaining = settings.predictTokens;
    while (remaining !== 0) {
      if (pending.length > 0 && !this.#makeRoom(pending.length)) return true;
      if (!(await this.#takeIn(pending))) return false;
      const isPrompt = consumed < prompt.length;
      if (isPrompt) {
        pending = prompt.slice(consumed, consumed + Math.max(1, settings.batchTokens));
        consumed += pending.length;
        for (const token of pending) this.#accept(token);
      } else {
        pending = [this.#sample()];
        remaining--;
      }
      if (!isPrompt || settings.displaysPrompt) await world.writeOutput(this.#textOf(pending));
      if (model.vocabulary.endOfGeneration.has(pending.at(-1) ?? -1)) {
        await world.writeOutput(Buffer.from(" [end of text]\n"));
        return true;
      }
      if (consumed >= prompt.length && this.#endsInReversePrompt()) return true;
    }
    return true;
  }

  /** Sees that `count` more tokens fit. Returns false when the text has to end here. */
  #makeRoom(count: number): boolean {
    const { session, settings, contextTokens } = this.#parts;
    if (session.length + count < contextTokens) return true;
    if (!settings.shiftsContext || settings.predictTokens === -2) return false;
    const discarded = Math.floor((session.length - this.#keepTokens) / 2);
    session.discard(this.#keepTokens, discarded);
    return true;
  }

  /** Evaluates tokens, in batches. Resolves to false when interrupted. */
  async #takeIn(tokens: readonly number[]): Promise<boolean> {
    const { settings, session, world } = this.#parts;
    const size = Math.max(1, Math.min(settings.batchTokens, settings.microBatchTokens));
    for (let start = 0; start < tokens.length; start += size) {
      const batch = tokens.slice(start, start + size);
      const startMs = world.now();
      for (const token of batch) {
        session.take(token, batch.length === 1);
        await world.pause();
        if (world.isInterrupted()) return false;
      }
      if (start + size >= tokens.length) this.#logits = session.logits();
      this.#countBatch(batch.length, startMs);
    }
    return true;
  }

  #countBatch(tokens: number, startMs: number): void {
    const { counts, world } = this.#parts;
    const nowMs = world.now();
    if (tokens === 1) {
      counts.evaluations++;
      counts.evaluationMs += nowMs - startMs;
    } else {
      counts.promptTokens += tokens;
      counts.promptMs += nowMs - startMs;
    }
    if (counts.loadMs === 0) counts.loadMs = nowMs - counts.startMs;
  }

  #sample(): number {
    const { counts, world } = this.#parts;
    const startMs = world.now();
    const token = this.#sampler.choose(this.#logits);
    this.#accept(token);
    counts.sampleMs += world.now() - startMs;
    return token;
  }

  #accept(token: number): void {
    this.#sampler.accept(token);
    this.#tokens.push(token);
    this.#parts.counts.samples++;
  }

  #textOf(tokens: readonly number[]): Buffer {
    const { vocabulary } = this.#parts.model;
    return Buffer.concat(tokens.map((token) => untilNul(vocabulary.bytesOf(token, false))));
  }

  #endsInReversePrompt(): boolean {
    const { vocabulary } = this.#parts.model;
    const recent = this.#tokens.slice(-REVERSE_PROMPT_TOKENS);
    const text = Buffer.concat(recent.map((token) => vocabulary.bytesOf(token, true)));
    return this.#reversePrompts.some((reversePrompt) => {
      const start = Math.max(0, text.length - reversePrompt.length - REVERSE_PROMPT_PADDING);
      const tokens = tokenize(reversePrompt.toString(), vocabulary);
      const isLastToken = tokens.length === 1 && tokens[0] === recent.at(-1);
      return isLastToken || text.indexOf(reversePrompt, start) >= 0;
    });
  }

  #reportPrompt(): void {
    const { world, prompt, settings, model } = this.#parts;
    const text = settings.processesEscapes ? processEscapes(settings.prompt) : settings.prompt;
    const show = (token: number) => Buffer.from(untilNul(model.vocabulary.bytesOf(token, true)));
    const lines = prompt.map((token) => `${String(token).padStart(6)} -> '${show(token)}'\n`);
    world.writeError(`main: prompt: '${Buffer.from(untilNul(text))}'\n`);
    world.writeError(`main: number of tokens in prompt = ${prompt.length}\n${lines.join("")}`);
    const kept = prompt.slice(0, this.#keepTokens).map(show);
    if (kept.length > 1) {
      world.writeError(`main: static prompt based on n_keep: '${kept.join("")}'\n`);
    }
    world.writeError("\n");
  }
}

/** How many first tokens a context shift keeps: all when out of range, else the BOS as well. */
function keptTokens(asked: number, promptTokens: number, { vocabulary }: Model): number {
  if (asked < 0 || asked > promptTokens) return promptTokens;
  return asked + (vocabulary.addsBeginningOfText ? 1 : 0);
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}
