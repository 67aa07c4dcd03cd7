/**
 * `POST /completion`: answers as one JSON body, or as events the moment they come. One request is
 * answered at a time; the others wait.
 *
 * As llama-server: a streamed answer whose caller has gone ends at the next token, one that is not
 * streamed goes on to its end; a refusal of a streamed one is an event, as its status is told by
 * then.
 */
import type { ServerResponse } from "node:http";
import { type RequestDefaults, readCompletionRequest, readPrompts } from "./completion-request.ts";
import type { CompletionEvent, CompletionSlot } from "./completion-slot.ts";
import type { JsonValue } from "./json-value.ts";
import { RequestFields } from "./request-fields.ts";
import { sendJson } from "./send-json.ts";
import { asServerError } from "./server-error.ts";

/** Answers bodies in the order they come. */
export class CompletionRoute {
  readonly #slot: CompletionSlot;
  readonly #defaults: RequestDefaults;
  /** Settles when the slot is free. */
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(slot: CompletionSlot, defaults: RequestDefaults) {
    this.#slot = slot;
    this.#defaults = defaults;
  }

  /** Answers one body. Throws ServerError when nothing was sent yet. */
  async answer(body: JsonValue, response: ServerResponse): Promise<void> {
    const fields = new RequestFields(body);
    const prompts = readPrompts(fields);
    const isStreamed = fields.boolean("stream", false);
    const send = isStreamed ? sendEvents : sendWhole;
    const isGone = isStreamed ? closeOf(response) : () => false;
    const turn = this.#lastTurn.then(() => send(this.#events(fields, prompts, isGone), response));
    this.#lastTurn = turn.catch(() => {});
    if (isStreamed) startEvents(response);
    await turn;
  }

  async *#events(
    fields: RequestFields,
    prompts: readonly JsonValue[],
    isGone: () => boolean,
  ): AsyncGenerator<CompletionEvent> {
    for (const [index, prompt] of prompts.entries()) {
      if (isGone()) return;
      const request = readCompletionRequest(fields, prompt, this.#defaults);
      yield* this.#slot.answer(request, { index, isGone });
    }
  }
}

async function sendWhole(
  events: AsyncGenerator<CompletionEvent>,
  response: ServerResponse,
): Promise<void> {
  const answers: CompletionEvent[] = [];
  for await (const event of events) answers.push(event);
  const [first = {}, ...others] = answers;
  sendJson(response, others.length === 0 ? first : answers);
}

function startEvents(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.flushHeaders();
}

async function sendEvents(
  events: AsyncGenerator<CompletionEvent>,
  response: ServerResponse,
): Promise<void> {
  try {
    for await (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  } catch (error) {
    response.write(`error: ${JSON.stringify(asServerError(error))}\n\n`);
  }
  response.end();
}

/** Whether a response's connection has closed. */
function closeOf(response: ServerResponse): () => boolean {
  let isClosed = false;
  response.once("close", () => {
    isClosed = true;
  });
  return () => isClosed;
}
