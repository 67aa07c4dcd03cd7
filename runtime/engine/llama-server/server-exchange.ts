import { setTimeout as sleep } from "node:timers/promises";

/** What a question waits for: that the prompt is read, or one more token. */
export type Awaited = "prompt" | "token";

/** Longest time between two tokens, in milliseconds; a server without a token in this time hangs. */
const tokenMs = 1000;

/**
 * Bounds of the time, in milliseconds, that an abandoned server has to finish reading a prompt, during
 * which it notices no disconnect. In between, the time of a restart: waiting longer gains nothing.
 */
const shortestPatienceMs = 250;
const longestPatienceMs = 2000;

/** Dependencies of a {@link ServerExchange}. */
export interface ExchangeDependencies {
  /** Settles when the exchange shall end. */
  readonly aborted: Promise<"aborted">;
  readonly now: () => number;
  /** How long the server took to load, in milliseconds. */
  readonly loadMs: number;
  readonly replaceServer: () => Promise<void>;
}

/** What a running server is asked for one request, one question after the other. */
export class ServerExchange {
  readonly #dependencies: ExchangeDependencies;
  readonly #connection = new AbortController();
  #pending: Promise<unknown> = Promise.resolve();
  #awaited: Awaited = "token";
  #askedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(dependencies: ExchangeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Aborts when the exchange is closed: for every question. */
  get connection(): AbortSignal {
    return this.#connection.signal;
  }

  /** The answer to a question, or that the exchange shall end. Rejects as the question does. */
  ask<Answer>(question: Promise<Answer>, awaited: Awaited): Promise<Answer | "aborted"> {
    this.#pending = question;
    this.#awaited = awaited;
    this.#askedAt = this.#dependencies.now();
    question.catch(() => undefined);
    return Promise.race([this.#dependencies.aborted, question]);
  }

  /** Abandons what is left; settles when the server is free for the next request, or replaced. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (await isSilent(this.#pending, this.#patienceMs())) await this.#dependencies.replaceServer();
    this.#connection.abort();
  }

  #patienceMs(): number {
    const { loadMs, now } = this.#dependencies;
    if (this.#awaited === "token") return Math.max(0, this.#askedAt + tokenMs - now());
    return Math.min(Math.max(loadMs, shortestPatienceMs), longestPatienceMs);
  }
}

/** Whether the last question has no answer yet, and gets none in so many milliseconds. */
async function isSilent(pending: Promise<unknown>, patienceMs: number): Promise<boolean> {
  const answered = () => false;
  const timer = new AbortController();
  const silence = sleep(patienceMs, true, { signal: timer.signal }).catch(() => true);
  const isSilent = await Promise.race([pending.then(answered, answered), silence]);
  timer.abort();
  return isSilent;
}
