import type { AppError, ErrorKind, Problem } from "../errors.ts";

/** What a kind of error means to a caller. */
export interface ErrorMeaning {
  /** HTTP status; 0 is never sent. */
  readonly status: number;
  /** OpenAI's `type`, named as llama-server names them (`format_error_response`). */
  readonly type: string;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;
  /** Seconds until a retry may succeed, where known: the response's `retry-after`. */
  readonly retryAfterSeconds?: number;
  /** OpenAI's code, where its clients act on one; else the kind. */
  readonly code?: string;
  /** The error's own message is for the caller; else the caller gets a fixed sentence. */
  readonly isPublic: boolean;
}

const invalid = { type: "invalid_request_error", isRetryable: false, isPublic: true } as const;
const unavailable = { status: 503, type: "unavailable_error", isPublic: false } as const;
const failed = { status: 500, type: "server_error", isRetryable: true, isPublic: false } as const;

/** The one table from kind to status. A new kind does not compile until it is here. */
export const errorMeanings: Readonly<Record<ErrorKind, ErrorMeaning>> = {
  "request-invalid": { ...invalid, status: 400 },
  "context-exceeded": { ...invalid, status: 400, code: "context_length_exceeded" },
  unauthorized: { status: 401, type: "authentication_error", isRetryable: false, isPublic: true },
  "host-refused": { status: 403, type: "permission_error", isRetryable: false, isPublic: true },
  "method-not-allowed": { ...invalid, status: 405 },
  "route-unknown": { status: 404, type: "not_found_error", isRetryable: false, isPublic: true },
  "model-unknown": { status: 404, type: "not_found_error", isRetryable: false, isPublic: true },
  "payload-too-large": { ...invalid, status: 413 },
  "engine-busy": {
    status: 429,
    type: "unavailable_error",
    isRetryable: true,
    // About as long as an answer takes, and each answer frees a place.
    retryAfterSeconds: 5,
    isPublic: true,
  },
  "engine-loading": { ...unavailable, isRetryable: true, retryAfterSeconds: 1, isPublic: true },
  "engine-missing": { ...unavailable, isRetryable: false },
  "model-missing": { ...unavailable, isRetryable: false },
  "model-invalid": { ...unavailable, isRetryable: false },
  "engine-unavailable": { ...unavailable, isRetryable: true },
  "engine-killed": { ...unavailable, isRetryable: true },
  "engine-silent": failed,
  "engine-failed": failed,
  "deadline-exceeded": { status: 504, type: "server_error", isRetryable: true, isPublic: true },
  "client-aborted": { status: 0, type: "server_error", isRetryable: false, isPublic: false },
  "config-invalid": { ...failed, isRetryable: false },
};

/** The body of an error answer: OpenAI's shape, and every problem by its path. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The kind of error, or OpenAI's code for it. */
    readonly code: string;
    /** The first field that is wrong, as OpenAI's clients expect it; `problems` has them all. */
    readonly param: string | null;
    readonly problems?: readonly Problem[];
    readonly request_id: string;
  };
}

/** An error as it is sent; a direct invocation has no place for headers. */
export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** An error as it is sent. Paths, exit codes and the engine's words stay in the log. */
export function errorResponse(error: AppError, requestId: string): ErrorResponse {
  const { status, type, code, isPublic, retryAfterSeconds } = errorMeanings[error.kind];
  const { problems, allow } = error.details;
  return {
    status,
    headers: {
      ...(retryAfterSeconds !== undefined && { "retry-after": `${retryAfterSeconds}` }),
      ...(allow !== undefined && { allow }),
    },
    body: {
      error: {
        message: isPublic ? error.message : privateMessage(error.kind, status),
        type,
        code: code ?? error.kind,
        param: (isPublic && problems?.[0]?.path) || null,
        ...(isPublic && problems !== undefined && { problems }),
        request_id: requestId,
      },
    },
  };
}

function privateMessage(kind: ErrorKind, status: number): string {
  const what = status === 503 ? "The model cannot be run at present" : "The model failed to answer";
  return `${what} (${kind}). The function's log has the details under this request id.`;
}
