import { setTimeout as sleep } from "node:timers/promises";

/** What a question waits for: that the prompt is read, or one more token. */
export type Awaited = "prompt" | "token";

/** What a running server is asked for one request, one question after the other. */
export interface ServerExchange {
  /** Closes with the exchange: for whatever is asked. */
  readonly connection: AbortSignal;
  /** The answer to a question, or that the exchange shall end. Rejects as the question does. */
  ask<Answer>(question: Promise<Answer>, awaited: Awaited): Promise<Answer | "aborted">;
  /** Gives up what is left; settles when the server is free for the next request, or replaced. */
  close(): Promise<void>;
}

/**
 * The longest between two tokens, in milliseconds. A server that is generating notices a closed
 * connection at its next one, and one that has none in this time hangs.
 */
const tokenMs = 1000;

/**
 * Bounds of the time, in milliseconds, that a server given up has to finish with a prompt before it
 * is replaced. While it reads one it does not notice that its caller has gone, and a long one takes
 * minutes. Between them counts what a restart takes: by waiting longer than that nothing is gained.
 */
const shortestPatienceMs = 250;
const longestPatienceMs = 2000;

/** What giving up may need. */
export interface ServerExchangeParts {
  /** Settles when it shall end. */
  readonly aborted: Promise<"aborted">;
  readonly now: () => number;
  /** What it took the server to load, in milliseconds. */
  readonly loadMs: number;
  readonly replaceServer: () => Promise<void>;
}

/** Opens an exchange on connections of its own. */
export function openServerExchange(parts: ServerExchangeParts): ServerExchange {
  const { aborted, now, loadMs, replaceServer } = parts;
  const connection = new AbortController();
  let pending: Promise<unknown> = Promise.resolve();
  let patienceMs = () => 0;
  let closing: Promise<void> | undefined;
  const patience = {
    prompt: () => () => Math.min(Math.max(loadMs, shortestPatienceMs), longestPatienceMs),
    token: (askedAt: number) => () => Math.max(0, askedAt + tokenMs - now()),
  } as const satisfies Record<Awaited, (askedAt: number) => () => number>;
  const close = async () => {
    if (await isSilent(pending, patienceMs())) await replaceServer();
    connection.abort();
  };
  return {
    connection: connection.signal,
    ask(question, awaited) {
      pending = question;
      patienceMs = patience[awaited](now());
      question.catch(() => undefined);
      return Promise.race([aborted, question]);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Whether the last question has no answer yet, and gets none in so many milliseconds. */
async function isSilent(pending: Promise<unknown>, patienceMs: number): Promise<boolean> {
  const spoke = () => false;
  const timer = new AbortController();
  const silence = sleep(patienceMs, true, { signal: timer.signal }).catch(() => true);
  const isSilent = await Promise.race([pending.then(spoke, spoke), silence]);
  timer.abort();
  return isSilent;
}
