import type { AdmittedCall } from "../answer.ts";
import type { GenerationEvent } from "../generation.ts";
import type { Service } from "../service.ts";

/** A streamed answer's events, and how each is written: as no, one or several values. */
export interface WrittenStream {
  readonly events: AsyncGenerator<GenerationEvent>;
  readonly write: (event: GenerationEvent) => readonly object[];
}

/** What a streamed answer is made of. */
export interface EventStreamParts {
  readonly service: Service;
  readonly call: AdmittedCall;
  /** Begins the answer; the call it is given ends also when the stream is left. */
  readonly begin: (call: AdmittedCall) => WrittenStream;
  /** Sent after the last event when all went well. */
  readonly closing: string;
}

/** What OpenAI's streams end with when all went well. */
export const sseDone = "data: [DONE]\n\n";

const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // A proxy must not collect the pieces.
  "x-accel-buffering": "no",
} as const;

/**
 * Values as server-sent events, each sent as soon as it is there and the reader is ready for it. Waits
 * for the first, so that whatever goes wrong before it still has a status of its own; after it, an
 * error is one last event and there is no `closing`.
 */
export async function eventStreamResponse(parts: EventStreamParts): Promise<Response> {
  const left = new AbortController();
  const signal = AbortSignal.any([parts.call.signal, left.signal]);
  const stream = parts.begin({ ...parts.call, signal });
  const first = await stream.events.next();
  const lines = eventLines(parts, stream, first);
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
        await stream.events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

async function* eventLines(
  { service, call, closing }: EventStreamParts,
  { events, write }: WrittenStream,
  first: IteratorResult<GenerationEvent>,
): AsyncGenerator<string, undefined> {
  try {
    if (!first.done) yield* write(first.value).map(sseEvent);
    for await (const event of events) yield* write(event).map(sseEvent);
    if (closing !== "") yield closing;
  } catch (thrown) {
    yield sseEvent(service.fail(thrown, call.requestId).body);
  } finally {
    await events.return(undefined);
  }
}

/** A value as one server-sent event. */
function sseEvent(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
