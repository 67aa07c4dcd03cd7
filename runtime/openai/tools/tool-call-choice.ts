import type { FinishReason } from "../../generation.ts";
import { derivedId } from "../derived-id.ts";
import { readAnswer, type ToolCallEvent, ToolCallReader } from "./tool-call-reader.ts";

/** Why an answer ended that may have called tools. */
export type ToolFinishReason = FinishReason | "tool_calls";

/**
 * A whole answer that is calls, as the message of a chat completion; undefined for text.
 *
 * @param scope as for `derivedId`
 */
export function toolCallMessage(scope: string, content: string) {
  const { text, calls, isComplete } = readAnswer(content);
  if (text !== undefined) return undefined;
  const toolCalls = calls.map((call, index) => ({
    id: derivedId("call", scope, index),
    type: "function",
    function: call,
  }));
  const message = {
    role: "assistant",
    content: null,
    refusal: null,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
  return { choice: { message }, finishReason: finishReasonOf(isComplete) };
}

/** The choice of a chunk before calls, which names the role. */
export const callsFirstChoice = { delta: { role: "assistant", content: null } } as const;

/** A streamed answer that may be calls, as deltas of a chat completion. */
export class ToolCallDeltas {
  readonly #reader = new ToolCallReader();
  readonly #scope: string;

  /** @param scope as for `derivedId` */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /** The choices for a piece of the answer, as many as it takes; undefined for text. */
  choices(piece: string): object[] | undefined {
    const events = this.#reader.push(piece);
    return this.#reader.hasCalls ? events.flatMap((event) => this.#choice(event)) : undefined;
  }

  /** That the answer ended with its calls, if it did. */
  get finishReason(): ToolFinishReason | undefined {
    return finishReasonOf(this.#reader.isComplete);
  }

  #choice(event: ToolCallEvent): object[] {
    switch (event.type) {
      case "call-start": {
        const { index, name } = event;
        const id = derivedId("call", this.#scope, index);
        return [callDelta({ index, id, type: "function", function: { name, arguments: "" } })];
      }
      case "arguments-delta":
        return [callDelta({ index: event.index, function: { arguments: event.text } })];
      case "text":
      case "call-end":
        return [];
    }
  }
}

/** Calls that are all there have not been cut, whatever ended the answer behind them. */
function finishReasonOf(isComplete: boolean): ToolFinishReason | undefined {
  return isComplete ? "tool_calls" : undefined;
}

function callDelta(call: object): object {
  return { delta: { tool_calls: [call] } };
}
