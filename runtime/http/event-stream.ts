import { setTimeout as sleep } from "node:timers/promises";
import type { AdmittedCall } from "../answer.ts";
import type { Service } from "../service.ts";

/** What a streamed answer is made of. */
export interface EventStreamParts {
  readonly service: Service;
  readonly call: AdmittedCall;
  /** Begins the answer, as the values to send; the call it is given ends also when the stream is left. */
  readonly begin: (call: AdmittedCall) => AsyncGenerator<object>;
  /** Sent after the last event when all went well. */
  readonly closing: string;
  /** How long it stays silent before a comment keeps it open, in milliseconds; default 10,000. */
  readonly silenceMs?: number;
}

const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // Tells proxies not to buffer the stream.
  "x-accel-buffering": "no",
} as const;

const usualSilenceMs = 10_000;

/** A comment, which readers of server-sent events skip. */
const keepAlive = ": still working\n\n";

/**
 * Values as server-sent events, each sent as soon as it is there and the reader is ready for it. Waits
 * for the first, so that whatever goes wrong before it still has a status of its own; after it, an
 * error is one last event and there is no `closing`. A long wait, for the engine to become free or to
 * read a prompt, ends in an open stream with a comment every few seconds: clients and proxies cut silent
 * connections.
 */
export async function eventStreamResponse(parts: EventStreamParts): Promise<Response> {
  const left = new AbortController();
  const signal = AbortSignal.any([parts.call.signal, left.signal]);
  const values = parts.begin({ ...parts.call, signal });
  const first = values.next();
  await orSilence(first, parts);
  const lines = eventLines(parts, values, first);
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
        await values.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

async function* eventLines(
  parts: EventStreamParts,
  values: AsyncGenerator<object>,
  first: Promise<IteratorResult<object>>,
): AsyncGenerator<string, undefined> {
  const { service, call, closing } = parts;
  try {
    for (let next = first; ; next = values.next()) {
      while ((await orSilence(next, parts)) === "silence") yield keepAlive;
      const { value, done } = await next;
      if (done) break;
      yield sseEvent(value);
    }
    if (closing !== "") yield closing;
  } catch (thrown) {
    yield sseEvent(service.fail(thrown, call).body);
  } finally {
    await values.return(undefined);
  }
}

/** The value, or that there is none yet after a while. Rejects as the value does. */
async function orSilence<Value>(
  value: Promise<Value>,
  { silenceMs = usualSilenceMs }: EventStreamParts,
): Promise<Value | "silence"> {
  const timer = new AbortController();
  const silence = sleep(silenceMs, "silence" as const, { signal: timer.signal, ref: false });
  silence.catch(() => undefined);
  try {
    return await Promise.race([value, silence]);
  } finally {
    timer.abort();
  }
}

/** A value as one server-sent event, named by its `type` if it has one, as in OpenAI's Responses. */
function sseEvent(value: object): string {
  const name = "type" in value ? `event: ${value.type}\n` : "";
  return `${name}data: ${JSON.stringify(value)}\n\n`;
}
