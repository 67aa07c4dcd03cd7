import { AppError } from "../../errors.ts";

/** What a piece of an answer is, which may be text or calls of tools. */
export type ToolCallEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call-start"; readonly index: number; readonly name: string }
  | { readonly type: "arguments-delta"; readonly index: number; readonly text: string }
  | { readonly type: "call-end"; readonly index: number };

/** A call as the model wrote it. */
export interface WrittenCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** Where a reader is in an answer. */
type Place = "start" | "text" | "before-call" | "call-head" | "arguments" | "end";

/** A call up to its arguments; names need no escapes. */
const callHead = /^\{\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"arguments"\s*:\s*$/;

/** Longest head of a call in characters: a name of 64, and what is around it. */
const longestHead = 128;

/**
 * Reads an answer written by the grammar of `toolGrammar` while it comes: text, or calls as
 * `[{"name": "NAME", "arguments": {…}}]`. The first character decides which.
 */
export class ToolCallReader {
  #place: Place = "start";
  #calls = 0;
  #head = "";
  #arguments = "";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** The answer is calls, not text. */
  get hasCalls(): boolean {
    return this.#place !== "start" && this.#place !== "text";
  }

  /** All calls have been read to their end. */
  get isComplete(): boolean {
    return this.#place === "end";
  }

  /**
   * The events in the next piece of the answer.
   *
   * @throws AppError `engine-failed` when the engine does not follow the grammar
   */
  push(piece: string): ToolCallEvent[] {
    if (this.#place === "start" && piece !== "") {
      this.#place = piece.startsWith("[") ? "before-call" : "text";
      if (this.hasCalls) return this.push(piece.slice(1));
    }
    if (this.#place === "text") return piece === "" ? [] : [{ type: "text", text: piece }];
    const events = [...piece].flatMap((character) => this.#read(character));
    return [...events, ...this.#argumentsDelta()];
  }

  #read(character: string): ToolCallEvent[] {
    switch (this.#place) {
      case "before-call":
        return this.#readBeforeCall(character);
      case "call-head":
        return this.#readHead(character);
      case "arguments":
        return this.#readArguments(character);
      default:
        throw unreadable();
    }
  }

  #readBeforeCall(character: string): ToolCallEvent[] {
    if (character === "{") {
      this.#place = "call-head";
      this.#head = character;
    } else if (character === "]") {
      this.#place = "end";
    } else if (!/[\s,]/.test(character)) {
      throw unreadable();
    }
    return [];
  }

  #readHead(character: string): ToolCallEvent[] {
    this.#head += character;
    const name = callHead.exec(this.#head)?.[1];
    if (name === undefined) {
      if (this.#head.length > longestHead) throw unreadable();
      return [];
    }
    this.#place = "arguments";
    this.#depth = 0;
    return [{ type: "call-start", index: this.#calls, name }];
  }

  #readArguments(character: string): ToolCallEvent[] {
    const isOutside = this.#depth === 0 && !this.#isInString;
    if (isOutside && /\s/.test(character)) return [];
    if (isOutside && character === "}") {
      const events = [...this.#argumentsDelta(), { type: "call-end", index: this.#calls } as const];
      this.#calls++;
      this.#place = "before-call";
      return events;
    }
    this.#arguments += character;
    this.#follow(character);
    return [];
  }

  /** Keeps count of brackets outside strings. */
  #follow(character: string): void {
    if (this.#isInString) {
      if (character === '"' && !this.#isEscaped) this.#isInString = false;
      this.#isEscaped = character === "\\" && !this.#isEscaped;
    } else if (character === '"') {
      this.#isInString = true;
    } else if ("{[".includes(character)) {
      this.#depth++;
    } else if ("}]".includes(character)) {
      this.#depth--;
    }
  }

  /** The arguments that have been read and not been handed over. */
  #argumentsDelta(): ToolCallEvent[] {
    const text = this.#arguments;
    this.#arguments = "";
    return text === "" ? [] : [{ type: "arguments-delta", index: this.#calls, text }];
  }
}

function unreadable(): AppError {
  return new AppError("engine-failed", "the engine does not follow the grammar of tool calls");
}
