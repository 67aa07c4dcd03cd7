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

/** The line of an answer; its body is the route's. */
export function answerResult(
  custom_id: string,
  request_id: string,
  body: object,
  status_code = 200,
): BatchResult {
  const response = { status_code, request_id, body };
  return { id: `batch_req_${request_id}`, custom_id, response, error: null };
}

/** The line of a failure. */
export function errorResult(
  customId: string,
  requestId: string,
  { status, body }: ErrorResponse,
): BatchResult {
  return answerResult(customId, requestId, body, status);
}

/** True for an answer, false for an error. */
export function isAnswer({ response }: Pick<BatchResult, "response">): boolean {
  return response.status_code === 200;
}
