import * as z from "zod";
import type { Problem } from "../../errors.ts";
import { parseJson } from "../../request/json.ts";
import { wholeText } from "../../request/request.ts";
import type { ToolCall } from "./tool-prompt.ts";

/** A call's arguments in a request. */
export const argumentsText = wholeText.refine(
  isObjectText,
  'must be the JSON text of an object, like "{}"',
);

function isObjectText(text: string): boolean {
  try {
    const value = parseJson(text, "arguments");
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** A call's id in a request. */
export const callId = z.string().min(1);

/** The calls of a conversation that have no result yet, from its beginning on. */
export class PendingCalls {
  readonly #names = new Map<string, string>();
  readonly #problems: Problem[] = [];

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** A call. @param path of its id in the request */
  open({ id, name }: ToolCall, path: string): void {
    if (this.#names.has(id)) {
      this.#problems.push({ path, message: "is the id of a call before it without a result" });
    }
    this.#names.set(id, name);
  }

  /** A result: the name of the tool that was called. @param path of the call's id in the request */
  close(id: string, path: string): string {
    const name = this.#names.get(id);
    if (name === undefined) {
      this.#problems.push({ path, message: "is not the id of a call before it without a result" });
    }
    this.#names.delete(id);
    return name ?? "";
  }
}
