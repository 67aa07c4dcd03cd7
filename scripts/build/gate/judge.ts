import type { Engine } from "../../../runtime/engine/engine.ts";
import { RequestQueue } from "../../../runtime/engine/request-queue.ts";
import { toAppError } from "../../../runtime/errors.ts";
import { generate } from "../../../runtime/generate.ts";
import { parseRequest } from "../../../runtime/request/request.ts";

/** An engine's answer to one request. */
export interface Answer {
  readonly text: string;
  readonly finishReason: string;
  /** Tokens of the prompt, BOS included. */
  readonly promptTokens: number | null;
  /** Tokens generated, the end token included. */
  readonly predictedTokens: number;
  /** Tokens of the prompt that were computed, not taken from a state. */
  readonly readTokens: number | null;
}

/** A request, and what its answer must be. */
export interface Question {
  /** Fields of a direct request. Greedy and without penalties, unless they say otherwise. */
  readonly fields: Readonly<Record<string, unknown>> & { readonly prompt: string };
  /** The text itself, or a pattern that it must match. */
  readonly text: string | RegExp;
  readonly end?: Partial<Omit<Answer, "text">>;
}

/** What an engine made of a {@link Question}. */
export interface Judgement {
  readonly question: Question;
  /** Its answer, or the reason why there is none. */
  readonly got: string;
  /** Every difference from what is expected; none for a right answer. */
  readonly differences: readonly string[];
}

/** Limit for one answer. The longest takes seconds under emulation of another processor. */
const answerMs = 120_000;

/** Asks an engine through the runtime. @throws AppError when there is no answer */
export async function ask(engine: Engine, fields: Question["fields"]): Promise<Answer> {
  const request = parseRequest({ temperature: 0, repeat_penalty: 1, ...fields }, () => 0);
  const dependencies = { engine, queue: new RequestQueue() };
  let text = "";
  const limits = { signal: new AbortController().signal, timeMs: answerMs };
  for await (const event of generate(dependencies, request, limits)) {
    if (event.type === "text-delta") text += event.text;
    else {
      const { finishReason, usage, timings } = event;
      const { promptMs, promptTokensPerSecond: rate } = timings;
      const readTokens =
        promptMs === null || rate === null ? null : Math.round((promptMs * rate) / 1000);
      return { text, finishReason, ...usage, readTokens };
    }
  }
  throw new Error("the answer has no end");
}

/** Asks a question and compares the answer. */
export async function judge(engine: Engine, question: Question): Promise<Judgement> {
  const { fields, text, end = {} } = question;
  try {
    const answer = await ask(engine, fields);
    const isRight = typeof text === "string" ? answer.text === text : text.test(answer.text);
    const differences = Object.entries(end).flatMap(([name, expected]) => {
      const value = answer[name as keyof Answer];
      return value === expected ? [] : [`${name} ${value}, expected ${expected}`];
    });
    if (!isRight) differences.unshift("text");
    return { question, got: answer.text, differences };
  } catch (error) {
    const differences = [`failed: ${toAppError(error).kind}`];
    return { question, got: failureText(error), differences };
  }
}

/** The engine's last line of output where there is one, else our message. */
export function failureText(error: unknown): string {
  const { message, details } = toAppError(error);
  return details.stderrTail?.trim().split("\n").at(-1) || message;
}
