import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { AppError } from "../../errors.ts";
import type { GenerationRequest } from "../../generation.ts";
import { completionBody, prefillBody, serverHost } from "./arguments.ts";
import { type CompletionEvent, countTokens, readCompletionEvents, withPrefill } from "./output.ts";

/** Loopback HTTP to a running llama-server. Every method rejects when the server goes away. */
export interface LlamaServerClient {
  /** The model is loaded. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** Tokens of a prompt, BOS included. */
  countTokens(prompt: string, signal: AbortSignal): Promise<number>;
  /** A streamed completion; leaving it early or aborting closes the connection. */
  complete(
    request: GenerationRequest,
    freeTokens: number,
    signal: AbortSignal,
  ): AsyncGenerator<CompletionEvent>;
}

/** A client for the server at a port of this machine. */
export function createLlamaServerClient(port: number): LlamaServerClient {
  return {
    async isReady(signal) {
      const response = await send(port, { path: "/health", signal });
      response.resume();
      return response.statusCode === 200;
    },
    async countTokens(prompt, signal) {
      const body = { content: prompt, add_special: true };
      return countTokens(await text(await sendFine(port, { path: "/tokenize", body, signal })));
    },
    async *complete(generation, freeTokens, signal) {
      const prefill = await lastEvent(streamEvents(port, prefillBody(generation), signal));
      const body = completionBody(generation, freeTokens);
      for await (const event of streamEvents(port, body, signal)) {
        yield event.stop && prefill?.stop ? withPrefill(event, prefill) : event;
      }
    },
  };
}

async function* streamEvents(
  port: number,
  body: object,
  signal: AbortSignal,
): AsyncGenerator<CompletionEvent> {
  const response = await sendFine(port, { path: "/completion", body, signal });
  const events = readCompletionEvents();
  for await (const bytes of response) yield* events.push(bytes);
}

async function lastEvent(
  events: AsyncIterable<CompletionEvent>,
): Promise<CompletionEvent | undefined> {
  let last: CompletionEvent | undefined;
  for await (const event of events) last = event;
  return last;
}

interface Sent {
  readonly path: string;
  /** Sent as JSON by POST; without one it is a GET. */
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** A response of status 200. */
async function sendFine(port: number, sent: Sent): Promise<IncomingMessage> {
  const response = await send(port, sent);
  if (response.statusCode === 200) return response;
  response.resume();
  const message = `the engine refused ${sent.path} with status ${response.statusCode}`;
  throw new AppError("engine-failed", message);
}

/** A connection for each request: one kept open would be part of a snapshot. */
function send(port: number, { path, body, signal }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const headers = { "content-type": "application/json" };
    const options = { host: serverHost, port, path, method, headers, agent: false };
    request({ ...options, ...(signal && { signal }) }, resolve)
      .on("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}
