/**
 * One answer of llama-server under way: its text, why it ended, and what is told of it.
 *
 * Mirrors process_token and send_final_response of examples/server/server.cpp, llama.cpp@1f86f058
 * (read 2026-11).
 */
import { AnswerText } from "./answer-text.ts";
import { type CompletionTimings, timingsReport } from "./completion-report.ts";
import type { CompletionRequest } from "./completion-request.ts";
import type { Model } from "./engine.ts";

/** Collects the tokens of an answer. */
export class CompletionAnswer {
  /** Whether a part of the prompt or of the text was forgotten. */
  isTruncated = false;
  readonly timings: CompletionTimings;
  readonly #request: CompletionRequest;
  readonly #model: Model;
  readonly #text: AnswerText;
  readonly #promptTokens: number;
  #stoppedAtEnd = false;
  #stoppedAtLimit = false;

  /** `promptTokens` are all of the prompt, `freshTokens` those not taken over. */
  constructor(
    request: CompletionRequest,
    model: Model,
    counts: { readonly promptTokens: number; readonly freshTokens: number },
  ) {
    this.#request = request;
    this.#model = model;
    this.#text = new AnswerText(request.stop);
    this.#promptTokens = counts.promptTokens;
    const promptTokens = counts.freshTokens;
    this.timings = { promptTokens, promptMs: 0, predictedTokens: 0, predictedMs: 0 };
  }

  /** Whether no token follows. */
  get hasEnded(): boolean {
    return this.#stoppedAtEnd || this.#stoppedAtLimit || this.#text.stoppingWord !== undefined;
  }

  /** Takes a token. Returns the text to send; undefined to say nothing of this token. */
  take(token: number): Buffer | undefined {
    const { vocabulary, parameters } = this.#model;
    const { predictTokens } = this.#request;
    const predicted = ++this.timings.predictedTokens;
    const text = this.#text.add(vocabulary.bytesOf(token, false));
    const isSpent = predictTokens !== -1 && predicted >= predictTokens;
    if (isSpent && this.#text.stoppingWord === undefined) this.#stoppedAtLimit = true;
    if (vocabulary.endOfGeneration.has(token)) this.#stoppedAtEnd = true;
    const isEndless = predictTokens < 1;
    if (isEndless && this.#promptTokens + predicted >= parameters.contextLength) {
      this.#stoppedAtLimit = true;
      this.isTruncated = true;
    }
    return text;
  }

  /** The last event, but for what the server knows better. */
  report(about: {
    readonly model: string;
    readonly settings: object;
    readonly tokensCached: number;
    readonly index: number;
  }): Readonly<Record<string, unknown>> {
    const { isStreamed, prompt } = this.#request;
    const text = this.#text;
    return {
      content: isStreamed ? "" : text.bytes.toString(),
      id_slot: 0,
      stop: true,
      model: about.model,
      tokens_predicted: this.timings.predictedTokens,
      tokens_evaluated: this.#promptTokens,
      generation_settings: about.settings,
      prompt: Array.isArray(prompt) ? prompt.map(Number) : prompt,
      has_new_line: text.hasNewLine,
      truncated: this.isTruncated,
      stopped_eos: this.#stoppedAtEnd,
      stopped_word: text.stoppingWord !== undefined,
      stopped_limit: this.#stoppedAtLimit,
      stopping_word: text.stoppingWord ?? "",
      tokens_cached: about.tokensCached,
      timings: timingsReport(this.timings),
      index: about.index,
    };
  }
}
