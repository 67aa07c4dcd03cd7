import type { Start } from "./start.ts";

/** One request as its surroundings see it: a Lambda invocation, or a request to the local server. */
export interface Call {
  /** Names the request in answers and in the log. */
  readonly requestId: string;
  /** Time until the surroundings cut the request off, in milliseconds. */
  readonly remainingMs: () => number;
  /** Aborts when the caller has gone, where the surroundings can tell. */
  readonly signal: AbortSignal;
}

/** A call that has been let in. */
export interface AdmittedCall extends Call {
  readonly start: Start;
}
