import type { AnswerEnd, AnswerHead } from "../../answer.ts";
import type { Usage } from "../../generation.ts";
import { ownFields } from "../answer-shape.ts";
import { derivedId } from "../derived-id.ts";
import type { WrittenCall } from "../tools/tool-call-reader.ts";
import type { ResponsesRequest } from "./responses-request.ts";

/** How far a response, or an item of it, has come. */
export type ResponseStatus = "in_progress" | "completed" | "incomplete" | "failed";

/** A response at one moment. */
export interface ResponseState {
  readonly asked: ResponsesRequest;
  readonly head: AnswerHead;
  readonly status: ResponseStatus;
  readonly output: readonly object[];
  /** Absent while it is under way. */
  readonly end?: AnswerEnd;
  /** Why it failed. */
  readonly message?: string;
}

/** A response as OpenAI's `/v1/responses` writes it. */
export function responseObject({ asked, head, status, output, end, message }: ResponseState) {
  return {
    id: `resp_${head.requestId}`,
    object: "response",
    created_at: Math.floor(head.createdAt.getTime() / 1000),
    status,
    background: false,
    error: message === undefined ? null : { code: "server_error", message },
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    ...asked.echo,
    model: head.model,
    output,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: head.settings.temperature,
    top_p: head.settings.top_p,
    truncation: "disabled",
    usage: end === undefined ? null : responseUsage(end.usage),
    ...(end !== undefined && ownFields({ ...head, ...end })),
  };
}

/** Token counts. A prompt that was not counted before the engine stopped is 0. */
function responseUsage({ promptTokens, predictedTokens }: Usage) {
  const input_tokens = promptTokens ?? 0;
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: predictedTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + predictedTokens,
  };
}

/** The text of an answer as a part of a message. */
export function textPart(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** An answer in text as an item. Without text it has no part yet. */
export function messageItem(requestId: string, status: ResponseStatus, text?: string) {
  return {
    id: derivedId("msg", requestId, 0),
    type: "message",
    status,
    role: "assistant",
    content: text === undefined ? [] : [textPart(text)],
  };
}

/** A call as an item. */
export function callItem(
  requestId: string,
  index: number,
  status: ResponseStatus,
  call: WrittenCall,
) {
  return {
    id: derivedId("fc", requestId, index),
    type: "function_call",
    status,
    call_id: derivedId("call", requestId, index),
    ...call,
  };
}
