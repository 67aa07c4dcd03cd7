import type { Answer, AnswerHead, AnswerStream } from "../../answer.ts";
import type { GenerationEvent } from "../../generation.ts";
import type { ErrorBody } from "../error-response.ts";
import { type ToolCallEvent, ToolCallReader, type WrittenCall } from "../tools/tool-call-reader.ts";
import {
  callItem,
  messageItem,
  type ResponseState,
  type ResponseStatus,
  responseObject,
  textPart,
} from "./response-object.ts";
import type { ResponsesRequest } from "./responses-request.ts";

type GenerationEnd = Extract<GenerationEvent, { type: "generation-end" }>;

/** An event of a streamed response. */
interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
}

/** A whole answer as a response: what the stream of the same answer ends with. */
export function wholeResponse(asked: ResponsesRequest, answer: Answer): object {
  const writer = new ResponseWriter(asked, answer);
  if (answer.content !== "") writer.write({ type: "text-delta", text: answer.content });
  writer.write({ ...answer, type: "generation-end" });
  return writer.response;
}

/**
 * An answer as the events of a streamed response.
 *
 * @param fail handles an error in the middle of the stream, which ends it as `response.failed`
 */
export async function* responseEvents(
  asked: ResponsesRequest,
  { head, events }: AnswerStream,
  fail: (thrown: unknown) => ErrorBody,
): AsyncGenerator<object> {
  const writer = new ResponseWriter(asked, head);
  try {
    for await (const event of events) yield* writer.write(event);
  } catch (thrown) {
    if (!writer.hasBegun) throw thrown;
    yield writer.writeFailure(fail(thrown));
  }
}

/**
 * Writes an answer as OpenAI's events, numbered: one message with one part of text, or calls. A call
 * that was cut is begun and never done, and is not in the response at the end.
 */
class ResponseWriter {
  readonly #asked: ResponsesRequest;
  readonly #head: AnswerHead;
  readonly #reader: ToolCallReader | undefined;
  #response: object;
  #nextNumber = 0;
  #output: object[] = [];
  #text: string | undefined;
  #call: WrittenCall = { name: "", arguments: "" };

  constructor(asked: ResponsesRequest, head: AnswerHead) {
    this.#asked = asked;
    this.#head = head;
    this.#reader = asked.mayCallTools ? new ToolCallReader() : undefined;
    this.#response = this.#snapshot({ status: "in_progress", output: [] });
  }

  /** As it is after the last event. */
  get response(): object {
    return this.#response;
  }

  get hasBegun(): boolean {
    return this.#nextNumber > 0;
  }

  /** The events for one step of the generation. */
  write(event: GenerationEvent): ResponseEvent[] {
    const first = this.hasBegun ? [] : this.#begin();
    if (event.type === "generation-end") return [...first, ...this.#end(event)];
    const { text } = event;
    const pieces: ToolCallEvent[] = this.#reader?.push(text) ?? [{ type: "text", text }];
    return [...first, ...pieces.flatMap((piece) => this.#piece(piece))];
  }

  /** The event for an error in the middle. */
  writeFailure({ error: { message } }: ErrorBody): ResponseEvent {
    return this.#finish({ status: "failed", output: this.#output, message });
  }

  #begin(): ResponseEvent[] {
    const response = this.#response;
    return [
      this.#event("response.created", { response }),
      this.#event("response.in_progress", { response }),
    ];
  }

  #piece(piece: ToolCallEvent): ResponseEvent[] {
    switch (piece.type) {
      case "text":
        return this.#textDelta(piece.text);
      case "call-start":
        return this.#callStart(piece.index, piece.name);
      case "arguments-delta":
        return this.#argumentsDelta(piece.index, piece.text);
      case "call-end":
        return this.#callEnd(piece.index);
    }
  }

  #textDelta(delta: string): ResponseEvent[] {
    const first = this.#text === undefined ? this.#messageStart() : [];
    this.#text = (this.#text ?? "") + delta;
    const place = { ...this.#messagePlace(), logprobs: [] };
    return [...first, this.#event("response.output_text.delta", { ...place, delta })];
  }

  #messageStart(): ResponseEvent[] {
    const item = messageItem(this.#head.requestId, "in_progress");
    return [
      this.#event("response.output_item.added", { output_index: 0, item }),
      this.#event("response.content_part.added", { ...this.#messagePlace(), part: textPart("") }),
    ];
  }

  #messageEnd(status: ResponseStatus): ResponseEvent[] {
    const first = this.#text === undefined ? this.#messageStart() : [];
    const text = this.#text ?? "";
    const place = this.#messagePlace();
    const item = messageItem(this.#head.requestId, status, text);
    this.#output = [item];
    return [
      ...first,
      this.#event("response.output_text.done", { ...place, logprobs: [], text }),
      this.#event("response.content_part.done", { ...place, part: textPart(text) }),
      this.#event("response.output_item.done", { output_index: 0, item }),
    ];
  }

  #messagePlace() {
    const { id } = messageItem(this.#head.requestId, "in_progress");
    return { item_id: id, output_index: 0, content_index: 0 };
  }

  #callStart(index: number, name: string): ResponseEvent[] {
    this.#call = { name, arguments: "" };
    const item = this.#callItem(index, "in_progress");
    return [this.#event("response.output_item.added", { output_index: index, item })];
  }

  #argumentsDelta(index: number, delta: string): ResponseEvent[] {
    this.#call = { ...this.#call, arguments: this.#call.arguments + delta };
    const item_id = this.#callItem(index, "in_progress").id;
    const place = { item_id, output_index: index };
    return [this.#event("response.function_call_arguments.delta", { ...place, delta })];
  }

  #callEnd(index: number): ResponseEvent[] {
    const item = this.#callItem(index, "completed");
    this.#output.push(item);
    const place = { item_id: item.id, output_index: index };
    return [
      this.#event("response.function_call_arguments.done", { ...place, ...this.#call }),
      this.#event("response.output_item.done", { output_index: index, item }),
    ];
  }

  #callItem(index: number, status: ResponseStatus) {
    return callItem(this.#head.requestId, index, status, this.#call);
  }

  #end(end: GenerationEnd): ResponseEvent[] {
    const status = this.#endStatus(end);
    const message = this.#reader?.hasCalls ? [] : this.#messageEnd(status);
    return [...message, this.#finish({ status, output: this.#output, end })];
  }

  /** Calls are complete when all are there, text unless it was cut. */
  #endStatus({ finishReason }: GenerationEnd): "completed" | "incomplete" {
    const isCut = this.#reader?.hasCalls
      ? !this.#reader.isComplete
      : finishReason === "length" || finishReason === "deadline";
    return isCut ? "incomplete" : "completed";
  }

  #finish(state: Omit<ResponseState, "asked" | "head">): ResponseEvent {
    this.#response = this.#snapshot(state);
    return this.#event(`response.${state.status}`, { response: this.#response });
  }

  #snapshot(state: Omit<ResponseState, "asked" | "head">): object {
    return responseObject({ asked: this.#asked, head: this.#head, ...state });
  }

  #event(type: string, fields: object): ResponseEvent {
    return { type, sequence_number: this.#nextNumber++, ...fields };
  }
}
