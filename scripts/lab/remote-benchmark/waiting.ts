import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../model/user-error.ts";
import { awsErrorNames } from "../../deploy/aws-failure.ts";

/** Time as the benchmark sees it. */
export interface Clock {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Waits; rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** This machine's clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** How something is waited for. */
export interface Waiting {
  readonly clock: Clock;
  /** Aborted by Ctrl-C: waiting ends at once. */
  readonly signal: AbortSignal;
}

/** Time between two looks: short at first, since a small change is done in a moment. */
const pause = { firstMs: 200, factor: 1.5, mostMs: 5000 } as const;

/** What is looked for, and for how long. */
export interface Look<Found> {
  /** "version 12 to become active" */
  readonly what: string;
  readonly limitMs: number;
  /** Looks once; `undefined` when it is not so yet. */
  readonly look: () => Promise<Found | undefined>;
}

/**
 * Looks again and again until something is found.
 *
 * @throws UserError when it is not found in time
 */
export async function waitFor<Found>(
  { clock, signal }: Waiting,
  { what, limitMs, look }: Look<Found>,
): Promise<Found> {
  const endsAt = clock.now() + limitMs;
  for (let pauseMs: number = pause.firstMs; ; pauseMs *= pause.factor) {
    const found = await look();
    if (found !== undefined) return found;
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) throw new UserError(`waited ${limitMs / 1000} s for ${what}`);
    await clock.sleep(Math.min(pauseMs, pause.mostMs, leftMs), signal);
  }
}

/** Times between the tries of a call that AWS did not take: 40 seconds in all. */
const retryPausesMs = [200, 500, 1000, 2000, 4000, 8000, 12_000, 12_000] as const;

/** Refusals and broken connections that pass by themselves, by name or system code. */
const passing: readonly string[] = [
  "TooManyRequestsException",
  "ThrottlingException",
  "Throttling",
  "ResourceConflictException",
  "ServiceException",
  "InternalFailure",
  "TimeoutError",
  "ECONNRESET",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
];

/** Makes a call, and makes it again when the reason why it failed passes by itself. */
export async function callPatiently<Answer>(
  { clock, signal }: Waiting,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (const pauseMs of retryPausesMs) {
    try {
      return await call();
    } catch (error) {
      if (!awsErrorNames(error).some((name) => passing.includes(name))) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
  return call();
}
