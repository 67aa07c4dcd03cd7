/**
 * A refusal by llama-server.
 *
 * Source: format_error_response of examples/server/utils.hpp, llama.cpp@1f86f058 (read 2026-11).
 */

const statusByType = {
  invalid_request_error: 400,
  not_found_error: 404,
  server_error: 500,
  not_supported_error: 501,
  unavailable_error: 503,
} as const;

/** A refusal, in llama-server's words. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly type: keyof typeof statusByType;

  constructor(type: keyof typeof statusByType, message: string) {
    super(message);
    this.type = type;
  }

  /** The HTTP status. */
  get status(): number {
    return statusByType[this.type];
  }

  /** The `error` of a body, or of an event. */
  toJSON(): object {
    return { code: this.status, message: this.message, type: this.type };
  }
}
