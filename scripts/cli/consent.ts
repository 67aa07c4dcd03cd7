import { createInterface } from "node:readline/promises";
import { UserError } from "../../model/user-error.ts";

/** A question before something that cannot be undone or costs money. */
export interface Consent {
  readonly question: string;
  /** The only answer that counts as consent. */
  readonly agreement: string;
  /** Message without a terminal: "there is no terminal to ask on: YES=1 make destroy". */
  readonly withoutTerminal: string;
  /** State without consent: "Nothing was destroyed." */
  readonly otherwise: string;
}

/** Asks the user a question; resolves with the answer. */
export type Ask = (question: string) => Promise<string>;

/** Asks on the terminal until it is closed or the signal aborted; `undefined` without a terminal. */
export function askOnTerminal(signal?: AbortSignal): Ask | undefined {
  if (!process.stdin.isTTY) return undefined;
  return async (question) => {
    signal?.throwIfAborted();
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    signal?.addEventListener("abort", () => terminal.close(), { once: true });
    // Ctrl-C and Ctrl-D are no consent.
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    const answer = await Promise.race([terminal.question(question), closed]);
    terminal.close();
    return answer;
  };
}

/** Asks for consent. @throws UserError without it, and without a terminal */
export async function requireConsent(
  { question, agreement, withoutTerminal, otherwise }: Consent,
  ask: Ask | undefined,
): Promise<void> {
  if (ask === undefined) throw new UserError(`${withoutTerminal}. ${otherwise}`);
  const answer = await ask(question);
  if (answer.trim() !== agreement) throw new UserError(otherwise);
}
