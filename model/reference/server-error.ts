/**
 * What the server answers when it refuses.
 *
 * Source: format_error_response of examples/server/utils.hpp, llama.cpp@1f86f058 (read 2026-11).
 */
import { JsonError } from "./json-value.ts";

const STATUS = {
  invalid_request_error: 400,
  not_found_error: 404,
  server_error: 500,
  not_supported_error: 501,
  unavailable_error: 503,
} as const;

/** The kinds of a refusal. */
export type ServerErrorType = keyof typeof STATUS;

/** A refusal, in the server's words. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly type: ServerErrorType;

  constructor(type: ServerErrorType, message: string) {
    super(message);
    this.type = type;
  }

  /** The HTTP status. */
  get status(): number {
    return STATUS[this.type];
  }

  /** What stands in the body, or in an event. */
  toJSON(): object {
    return { code: this.status, message: this.message, type: this.type };
  }
}

/** A refusal, as it is or for a body that cannot be read. Throws what is neither. */
export function asServerError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  if (error instanceof JsonError) return new ServerError("server_error", error.message);
  throw error;
}
