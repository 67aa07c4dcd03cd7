import { isNativeError } from "node:util/types";

/**
 * The closed list of everything that can go wrong; `openai/error-response.ts` says what each means.
 */
export const errorKinds = [
  "request-invalid",
  "context-exceeded",
  "unauthorized",
  "host-refused",
  "route-unknown",
  "method-not-allowed",
  "model-unknown",
  "payload-too-large",
  "engine-busy",
  "engine-loading",
  "engine-missing",
  "model-missing",
  "model-invalid",
  "engine-unavailable",
  "engine-killed",
  "engine-silent",
  "engine-failed",
  "deadline-exceeded",
  "client-aborted",
  "config-invalid",
] as const;

/** One of {@link errorKinds}. */
export type ErrorKind = (typeof errorKinds)[number];

/** One thing wrong with what was sent: where it is (`messages[0].role`) and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Facts that travel with an error; which ones depends on its kind. */
export interface ErrorDetails {
  /** `request-invalid`, `config-invalid`: every problem, not just the first. */
  readonly problems?: readonly Problem[];
  /** `context-exceeded`: length of the prompt and the longest that fits, in tokens. */
  readonly promptTokens?: number;
  readonly maximumTokens?: number;
  /** `method-not-allowed`: the methods of that path, for the `allow` header. */
  readonly allow?: string;
  /** `engine-*`, `model-*`: how the engine's process ended. For the log only. */
  readonly exitCode?: number | null;
  readonly signal?: string | null;
  readonly stderrTail?: string;
  /** The engine had been given a prompt, which its output may repeat: that output is never logged. */
  readonly hasPrompt?: boolean;
}

/** The only error class. Thrown where the reason is known, never wrapped in another of itself. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, options: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...details } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.details = details;
  }
}

/** Codes of an operating system that is out of descriptors, processes, memory or disk space. */
const exhaustionCodes: readonly unknown[] = ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENOSPC"];

/**
 * Any thrown value as an {@link AppError}: `engine-unavailable` where the host is out of resources,
 * else `engine-failed`.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const kind = isExhaustion(error) ? "engine-unavailable" : "engine-failed";
  return new AppError(kind, `unexpected: ${errorLabel(error)}`, { cause: error });
}

/**
 * A thrown value without its message, which may quote a request: `Error spawn ENOENT`, or by its place,
 * `TypeError generate.ts:40:7`.
 */
export function errorLabel(error: unknown): string {
  if (!isNativeError(error)) return `a thrown ${typeof error}`;
  const { name, syscall, code } = error as NodeJS.ErrnoException;
  const facts = code === undefined ? [placeOf(error)] : [syscall?.split(" ")[0], code];
  return [name, ...facts].filter((part) => part !== undefined).join(" ");
}

/** File, line and column of the innermost stack frame. */
function placeOf({ name, message, stack = "" }: Error): string | undefined {
  const head = message === "" ? name : `${name}: ${message}`;
  if (!stack.startsWith(head)) return undefined;
  return /([^/\\( ]+:\d+:\d+)\)?$/m.exec(stack.slice(head.length))?.[1];
}

/** True for an operating system's codes of exhaustion: a retry may succeed. */
export function isExhaustion(error: unknown): boolean {
  return exhaustionCodes.includes((error as NodeJS.ErrnoException | undefined)?.code);
}
