/**
 * llama-server's one slot: a text stays in memory between requests, so that a prefix that two
 * prompts share is evaluated once. As launch_slot_with_task, update_slots, process_token and
 * send_final_response of examples/server/server.cpp, llama.cpp@1f86f058 (read 2026-11): of the prompt,
 * the penalties count only the reused tokens, and bytes held back at a limit are never sent.
 */
import { StringDecoder } from "node:string_decoder";
import type { OpenEngine } from "./command-line.ts";
import {
  Sampler,
  type SamplingSettings,
  samplingSettings,
  type TokenProbability,
} from "./sampler.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { generatedTokens, RunCounts } from "./token-loop.ts";
import { lineFeedToken, tokenizePrompt } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A refusal by llama-server, in its words. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly status: number;
  readonly type: string;

  constructor(message: string, status = 500, type = "server_error") {
    super(message);
    this.status = status;
    this.type = type;
  }

  /** The `error` of a body, or of an event. */
  toJSON(): object {
    return { code: this.status, message: this.message, type: this.type };
  }
}

/** A request for one answer. */
export interface CompletionRequest {
  /** A text, or its tokens, which are taken as they are: BOS is not added. */
  readonly prompt: string | readonly number[];
  /** Whether the state of a common prefix is reused from the request before. */
  readonly cachesPrompt: boolean;
  /** 0 generates one token, like 1; -1 ends only where the model does. */
  readonly predictTokens: number;
  /** In GBNF; empty for none. */
  readonly grammar: string;
  readonly sampling: SamplingSettings;
  /** Candidates to report with each token; 0 reports none. */
  readonly probabilities: number;
}

/** What the runtime sends: these, and numbers for the sampler. Other fields are ignored. */
interface CompletionBody {
  readonly prompt?: string | readonly number[];
  readonly stream?: boolean;
  readonly cache_prompt?: boolean;
  readonly n_predict?: number;
  readonly grammar?: string;
  readonly n_probs?: number;
  readonly logit_bias?: readonly (readonly [token: number, bias: number])[];
}

/** Reads a body. Throws ServerError. */
export function readCompletionRequest(body: CompletionBody): CompletionRequest {
  if (body.prompt === undefined) {
    throw new ServerError(
      '"prompt" must be a string, an array of token ids or an array of prompts',
    );
  }
  if (body.stream !== true) throw new ServerError("the reference engine always streams", 501);
  const numbers = body as Readonly<Record<string, number | undefined>>;
  return {
    prompt: body.prompt,
    cachesPrompt: body.cache_prompt ?? false,
    predictTokens: body.n_predict ?? -1,
    grammar: body.grammar ?? "",
    probabilities: body.n_probs ?? 0,
    sampling: {
      ...samplingSettings((name) => numbers[name]),
      logitBias: new Map(body.logit_bias),
    },
  };
}

/** Answers one request at a time. */
export class CompletionSlot {
  readonly #engine: OpenEngine;
  readonly #writeError: (text: string) => void;
  /** Whether the text in memory may be reused. */
  #isReusable = false;

  constructor(engine: OpenEngine, writeError: (text: string) => void) {
    this.#engine = engine;
    this.#writeError = writeError;
  }

  /** Yields the events of an answer, until `isGone`. Throws ServerError at a full context. */
  async *answer(request: CompletionRequest, isGone: () => boolean): AsyncGenerator<object> {
    const startMs = performance.now();
    const { predictTokens } = request;
    const prompt = this.#fittingPrompt(request);
    const sampler = this.#sampler(request);
    const fresh = prompt.slice(this.#reusePrefix(prompt, request, sampler));
    const { vocabulary } = this.#engine.model;
    const text = new AnswerText(vocabulary);
    const loop = { engine: this.#engine, sampler, prompt: fresh, counts: new RunCounts() };
    let [predicted, promptMs] = [0, 0];
    for await (const token of generatedTokens({ ...loop, isInterrupted: isGone })) {
      if (predicted++ === 0) promptMs = performance.now() - startMs;
      const event = text.take(token, sampler.candidates);
      if (event) yield event;
      const isAtLimit = predictTokens !== -1 && predicted >= predictTokens;
      const isAtEnd = vocabulary.endOfGeneration.has(token);
      if (!isAtLimit && !isAtEnd) continue;
      const predictedMs = performance.now() - startMs - promptMs;
      return yield {
        content: "",
        stop: true,
        stopped_eos: isAtEnd,
        stopped_word: false,
        stopped_limit: isAtLimit,
        tokens_evaluated: prompt.length,
        tokens_predicted: predicted,
        timings: {
          prompt_n: fresh.length,
          prompt_ms: promptMs,
          predicted_ms: predictedMs,
          predicted_per_second: (1e3 / predictedMs) * predicted,
        },
      };
    }
    if (!isGone()) throw new ServerError("context shift is disabled");
  }

  #fittingPrompt({ prompt }: CompletionRequest): readonly number[] {
    const { model, contextTokens } = this.#engine;
    const tokens = typeof prompt === "string" ? tokenizePrompt(prompt, model.vocabulary) : prompt;
    if (tokens.length < contextTokens) return tokens;
    throw new ServerError(
      "the request exceeds the available context size. try increasing the context size or enable context shift",
      400,
      "invalid_request_error",
    );
  }

  #sampler({ grammar, sampling, probabilities }: CompletionRequest): Sampler {
    const { vocabulary } = this.#engine.model;
    const tokenGrammar = readTokenGrammar(grammar, vocabulary, this.#writeError);
    return new Sampler(sampling, lineFeedToken(vocabulary), tokenGrammar, probabilities);
  }

  /** Keeps in memory the prefix shared with the prompt. Returns its length in tokens. */
  #reusePrefix(prompt: readonly number[], request: CompletionRequest, sampler: Sampler): number {
    const { session } = this.#engine;
    const isReused = request.cachesPrompt && this.#isReusable;
    const common = isReused ? commonPrefixLength(session.tokens, prompt) : 0;
    for (const token of prompt.slice(0, common)) sampler.acceptPrompt(token);
    // At least one token has to be evaluated, for the scores of the next.
    const length = Math.min(common, prompt.length - 1);
    session.rewind(length);
    this.#isReusable = request.cachesPrompt;
    return length;
  }
}

/** The length of the longest common prefix. */
function commonPrefixLength(one: readonly number[], other: readonly number[]): number {
  const length = one.findIndex((token, index) => token !== other[index]);
  return length < 0 ? one.length : length;
}

/** Makes events of tokens: whole characters only. */
export class AnswerText {
  readonly #vocabulary: Vocabulary;
  /** Bytes that end inside a character. */
  #held: Uint8Array = Buffer.alloc(0);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /**
   * Takes a token, and the candidates in its place where they were asked for. Returns the event to
   * send; undefined while a character is not complete.
   */
  take(token: number, candidates: readonly TokenProbability[] = []) {
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
}

/** Whether the last character lacks bytes: a decoder then waits for more. */
function endsInsideCharacter(bytes: Buffer): boolean {
  return new StringDecoder("utf8").write(bytes) !== bytes.toString();
}
