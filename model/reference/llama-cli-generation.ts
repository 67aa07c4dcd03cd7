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
import { performanceReport, samplerReport } from "./llama-cli-report.ts";
import type { LlamaCliWorld } from "./llama-cli-run.ts";
import type { PromptCache } from "./prompt-cache.ts";
import type { RunCounts } from "./run-counts.ts";
import { Sampler } from "./sampler.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { TokenLoop, type TokenStep } from "./token-loop.ts";
import { lineFeedToken, tokenize } from "./tokenizer.ts";

/** A model, loaded and ready, and a prompt that fits. */
export interface GenerationParts {
  readonly settings: LlamaCliSettings;
  readonly world: LlamaCliWorld;
  readonly counts: RunCounts;
  readonly model: Model;
  readonly session: TextSession;
  readonly promptCache: PromptCache;
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
  readonly #keepTokens: number;
  readonly #reversePrompts: readonly Buffer[];
  /** Every token so far, prompt and answer. */
  readonly #tokens: number[] = [];
  /** Whether a context shift came: what is left then is no text to go on from. */
  #hasForgotten = false;

  constructor(parts: GenerationParts) {
    const { settings, model, prompt } = parts;
    this.#parts = parts;
    this.#keepTokens = keptTokens(settings.keepTokens, prompt.length, model);
    this.#reversePrompts = settings.processesEscapes
      ? settings.reversePrompts.map(processEscapes)
      : settings.reversePrompts;
  }

  /** Generates and reports. Resolves to the exit code. */
  async run(): Promise<number> {
    const { settings, world, contextTokens, promptCache } = this.#parts;
    const { sampling, batchTokens, predictTokens } = settings;
    if (settings.printsVerbosePrompt) this.#reportPrompt();
    const sampler = this.#sampler();
    const run = { contextTokens, batchTokens, predictTokens, keepTokens: this.#keepTokens };
    world.writeError(samplerReport(sampling, run));
    const isComplete = await this.#generate(sampler);
    if (isComplete && !this.#hasForgotten) await promptCache.saveAnswer();
    await world.writeOutput(Buffer.from(isComplete ? "\n\n" : "\n"));
    world.writeError(performanceReport(this.#parts.counts, world.now()));
    if (isComplete) return 0;
    await world.writeOutput(Buffer.from("Interrupted by user\n"));
    return INTERRUPTED_EXIT_CODE;
  }

  #sampler(): Sampler {
    const { settings, world, model } = this.#parts;
    const { vocabulary } = model;
    const report = (message: string) => world.writeError(message);
    const grammar = readTokenGrammar(settings.grammar, vocabulary, report);
    return new Sampler(settings.sampling, lineFeedToken(vocabulary), grammar);
  }

  /** Resolves to false when it was interrupted. */
  async #generate(sampler: Sampler): Promise<boolean> {
    const { settings, world, model } = this.#parts;
    let remaining = settings.predictTokens;
    if (remaining === 0) return true;
    const loop = this.#loop(sampler);
    for await (const step of loop.steps()) {
      this.#notice(step, sampler);
      this.#hasForgotten = loop.hasShifted;
      const { tokens, isPrompt } = step;
      if (!isPrompt || settings.displaysPrompt) await world.writeOutput(this.#textOf(tokens));
      if (model.vocabulary.endOfGeneration.has(tokens.at(-1) ?? -1)) {
        await world.writeOutput(Buffer.from(" [end of text]\n"));
        return true;
      }
      if (this.#hasWholePrompt() && this.#endsInReversePrompt()) return true;
      if (!isPrompt && --remaining === 0) return true;
    }
    return loop.ending !== "interrupted";
  }

  #loop(sampler: Sampler): TokenLoop {
    const { settings, world, promptCache, ...parts } = this.#parts;
    const { batchTokens, microBatchTokens, predictTokens } = settings;
    const shiftsContext = settings.shiftsContext && predictTokens !== -2;
    const keepTokens = this.#keepTokens;
    const sizes = { batchTokens, microBatchTokens, keepTokens };
    const knownTokens = parts.session.length;
    const onPromptEnd = () => promptCache.savePrompt();
    const prompt = { knownTokens, onPromptEnd };
    return new TokenLoop({ ...parts, ...prompt, ...sizes, shiftsContext, sampler, clock: world });
  }

  #notice({ tokens, isPrompt }: TokenStep, sampler: Sampler): void {
    this.#tokens.push(...tokens);
    if (!isPrompt) return;
    for (const token of tokens) sampler.acceptPrompt(token);
    this.#parts.counts.samples += tokens.length;
  }

  #hasWholePrompt(): boolean {
    return this.#tokens.length >= this.#parts.prompt.length;
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
