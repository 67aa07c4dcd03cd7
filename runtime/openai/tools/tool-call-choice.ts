import type { FinishReason } from "../../generation.ts";
import { derivedId } from "../derived-id.ts";
import { type ToolCallEvent, ToolCallReader, type WrittenCall } from "./tool-call-reader.ts";

/** Why an answer ended that may have called tools. */
export type ToolFinishReason = FinishReason | "tool_calls";

/** The choice of a chunk before calls, which names the role. */
export const callsFirstChoice = { delta: { role: "assistant", content: null } } as const;

/** An answer that may be calls, as choices of a chat completion: deltas, or the whole message. */
export class ToolCallChoices {
  readonly #reader = new ToolCallReader();
  readonly #scope: string;
  /** Those that have come to their end. */
  readonly #calls: object[] = [];
  #open: WrittenCall = { name: "", arguments: "" };

  /** @param scope as for `derivedId` */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /**
   * The choices for a piece of the answer, as many as it takes; undefined for text.
   *
   * @throws AppError `engine-failed` when the engine does not follow the grammar
   */
  push(piece: string): object[] | undefined {
    const events = this.#reader.push(piece);
    return this.#reader.hasCalls ? events.flatMap((event) => this.#choice(event)) : undefined;
  }

  /** The choice of the whole answer so far. A call that was cut is left out. */
  get message(): object {
    const calls = this.#calls.length > 0 && { tool_calls: this.#calls };
    return { message: { role: "assistant", content: null, refusal: null, ...calls } };
  }

  /**
   * That the answer ended with its calls, if it did: those that are all there have not been cut,
   * whatever ended the answer behind them.
   */
  get finishReason(): ToolFinishReason | undefined {
    return this.#reader.isComplete ? "tool_calls" : undefined;
  }

  #choice(event: ToolCallEvent): object[] {
    switch (event.type) {
      case "call-start": {
        const { index, name } = event;
        this.#open = { name, arguments: "" };
        return [callDelta({ index, ...this.#call(index, this.#open) })];
      }
      case "arguments-delta": {
        const { index, text } = event;
        this.#open = { ...this.#open, arguments: this.#open.arguments + text };
        return [callDelta({ index, function: { arguments: text } })];
      }
      case "call-end":
        this.#calls.push(this.#call(event.index, this.#open));
        return [];
      case "text":
        return [];
    }
  }

  #call(index: number, call: WrittenCall): object {
    return { id: derivedId("call", this.#scope, index), type: "function", function: call };
  }
}

function callDelta(call: object): object {
  return { delta: { tool_calls: [call] } };
}
