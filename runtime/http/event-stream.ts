import type { AdmittedCall } from "../answer.ts";
import { sseEvent } from "../openai/server-sent-events.ts";
import type { Service } from "../service.ts";

/** What a streamed answer is made of. */
export interface EventStreamParts {
  readonly service: Service;
  readonly call: AdmittedCall;
  /** Begins the answer; the call it is given ends also when the stream is left. */
  readonly begin: (call: AdmittedCall) => AsyncGenerator<object>;
  /** Sent behind the last event when all went well. */
  readonly closing: string;
}

const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // A proxy must not collect the pieces.
  "x-accel-buffering": "no",
} as const;

/**
 * Values as server-sent events, each leaving when it is there and the reader is ready for it. Waits
 * for the first, so that whatever goes wrong before it still has a status of its own; after it, an
 * error is one last event and there is no `closing`.
 */
export async function eventStreamResponse(parts: EventStreamParts): Promise<Response> {
  const left = new AbortController();
  const signal = AbortSignal.any([parts.call.signal, left.signal]);
  const events = parts.begin({ ...parts.call, signal });
  const first = await events.next();
  const lines = eventLines(parts, first, events);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        left.abort();
        await lines.return(undefined);
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

async function* eventLines(
  { service, call, closing }: EventStreamParts,
  first: IteratorResult<object>,
  rest: AsyncGenerator<object>,
): AsyncGenerator<string, undefined> {
  try {
    if (!first.done) yield sseEvent(first.value);
    for await (const value of rest) yield sseEvent(value);
    if (closing !== "") yield closing;
  } catch (thrown) {
    yield sseEvent(service.fail(thrown, call.requestId).body);
  } finally {
    await rest.return(undefined);
  }
}
