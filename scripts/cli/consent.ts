import { createInterface } from "node:readline/promises";
import { UserError } from "../../model/user-error.ts";

/** What is asked before something that cannot be undone, or costs money. */
export interface Consent {
  readonly question: string;
  /** The answer that agrees; every other one does not. */
  readonly agreement: string;
  /** Why it ends where nobody can be asked: "nobody is there to ask: YES=1 make destroy". */
  readonly withoutTerminal: string;
  /** How things stand without consent: "Nothing was destroyed." */
  readonly otherwise: string;
}

/** Puts a question to somebody. */
export type Ask = (question: string) => Promise<string>;

/** The terminal, until it is closed or the signal aborted; `undefined` where there is none. */
export function askOnTerminal(signal?: AbortSignal): Ask | undefined {
  if (!process.stdin.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    signal?.addEventListener("abort", () => terminal.close(), { once: true });
    // Ctrl-C and Ctrl-D are no agreement.
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    const answer = await Promise.race([terminal.question(question), closed]);
    terminal.close();
    return answer;
  };
}

/** Asks. @throws UserError without agreement, and where nobody can be asked */
export async function requireConsent(
  { question, agreement, withoutTerminal, otherwise }: Consent,
  ask: Ask | undefined,
): Promise<void> {
  if (ask === undefined) throw new UserError(`${withoutTerminal}. ${otherwise}`);
  const answer = await ask(question);
  if (answer.trim() !== agreement) throw new UserError(otherwise);
}
