import { createHash } from "node:crypto";
import type { FinishReason } from "../../generation.ts";
import { readAnswer, type ToolCallEvent, ToolCallReader } from "./tool-call-reader.ts";

/** Why an answer ended that may have called tools. */
export type ToolFinishReason = FinishReason | "tool_calls";

/** Characters of a call's id behind `call_`, as OpenAI has them. */
const idLength = 24;

/**
 * A call's id: always the same for a request and a place in its answer.
 *
 * @param scope the request's id, and whatever else tells one of its answers from another
 */
export function toolCallId(scope: string, index: number): string {
  const digest = createHash("sha256").update(`${scope}/${index}`).digest("hex");
  return `call_${digest.slice(0, idLength)}`;
}

/** A whole answer that may be calls, as the message of a chat completion and why it ended. */
export function toolCallMessage(scope: string, content: string, reason: FinishReason) {
  const { text, calls, isComplete } = readAnswer(content);
  const toolCalls = calls.map((call, index) => ({
    id: toolCallId(scope, index),
    type: "function",
    function: call,
  }));
  const message = {
    role: "assistant",
    content: text ?? null,
    refusal: null,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
  return { choice: { message }, finishReason: finishReasonOf(reason, isComplete) };
}

/** A streamed answer that may be calls, as deltas of a chat completion. */
export class ToolCallDeltas {
  readonly #reader = new ToolCallReader();
  readonly #scope: string;

  /** @param scope as for {@link toolCallId} */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /** The choice that names the role, once the first piece has been read. */
  firstChoice(): object {
    return { delta: { role: "assistant", content: this.#reader.hasCalls ? null : "" } };
  }

  /** The choices for a piece of the answer. */
  chunkChoices(piece: string): object[] {
    return this.#reader.push(piece).flatMap((event) => this.#choice(event));
  }

  finishReason(reason: FinishReason): ToolFinishReason {
    return finishReasonOf(reason, this.#reader.isComplete);
  }

  #choice(event: ToolCallEvent): object[] {
    switch (event.type) {
      case "text":
        return [{ delta: { content: event.text } }];
      case "call-start": {
        const { index, name } = event;
        const id = toolCallId(this.#scope, index);
        return [callDelta({ index, id, type: "function", function: { name, arguments: "" } })];
      }
      case "arguments-delta":
        return [callDelta({ index: event.index, function: { arguments: event.text } })];
      case "call-end":
        return [];
    }
  }
}

/** Calls that are all there have not been cut, whatever ended the answer behind them. */
function finishReasonOf(reason: FinishReason, isComplete: boolean): ToolFinishReason {
  return isComplete ? "tool_calls" : reason;
}

function callDelta(call: object): object {
  return { delta: { tool_calls: [call] } };
}
