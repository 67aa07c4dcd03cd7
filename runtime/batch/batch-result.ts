import type { ErrorResponse } from "../openai/error-response.ts";

/** One line of OpenAI's Batch output: the answer to an item, or why there is none. */
export interface BatchResult {
  readonly id: string;
  readonly custom_id: string;
  readonly response: {
    /** As the item's route answers: 200, or an error's status. */
    readonly status_code: number;
    readonly request_id: string;
    readonly body: object;
  };
  /** OpenAI's place for failures without a response; there are none here. */
  readonly error: null;
}

/** The line of an answer. */
export function answerResult(customId: string, requestId: string, body: object): BatchResult {
  return result(customId, requestId, 200, body);
}

/** The line of a failure. */
export function errorResult(
  customId: string,
  requestId: string,
  { status, body }: ErrorResponse,
): BatchResult {
  return result(customId, requestId, status, body);
}

function result(custom_id: string, request_id: string, status_code: number, body: object) {
  const response = { status_code, request_id, body };
  return { id: `batch_req_${request_id}`, custom_id, response, error: null };
}

/** True for an answer, false for an error. */
export function isAnswer({ response }: Pick<BatchResult, "response">): boolean {
  return response.status_code === 200;
}
