import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { AppError } from "../../errors.ts";
import type { GenerationRequest } from "../../generation.ts";
import { completionBody, prefillBody, serverHost } from "./arguments.ts";
import { type CompletionEvent, CompletionReader, countTokens, withPrefill } from "./output.ts";

/** Loopback HTTP to a running llama-server. Every method rejects when the server goes away. */
export class LlamaServerClient {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** The model is loaded. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    const response = await this.#send({ path: "/health", signal });
    response.resume();
    return response.statusCode === 200;
  }

  /** Tokens of a prompt, BOS included. */
  async countTokens(prompt: string, signal: AbortSignal): Promise<number> {
    const body = { content: prompt, add_special: true };
    return countTokens(await text(await this.#sendFine({ path: "/tokenize", body, signal })));
  }

  /** A streamed completion; leaving it early or aborting closes the connection. */
  async *complete(
    generation: GenerationRequest,
    freeTokens: number,
    signal: AbortSignal,
  ): AsyncGenerator<CompletionEvent> {
    let prefill: CompletionEvent | undefined;
    for await (const event of this.#stream(prefillBody(generation), signal)) prefill = event;
    for await (const event of this.#stream(completionBody(generation, freeTokens), signal)) {
      yield event.stop && prefill?.stop ? withPrefill(event, prefill) : event;
    }
  }

  async *#stream(body: object, signal: AbortSignal): AsyncGenerator<CompletionEvent> {
    const response = await this.#sendFine({ path: "/completion", body, signal });
    const reader = new CompletionReader();
    for await (const bytes of response) yield* reader.push(bytes);
  }

  /** A response of status 200. The body of another one may quote the prompt, and is dropped. */
  async #sendFine(sent: SentRequest): Promise<IncomingMessage> {
    const response = await this.#send(sent);
    if (response.statusCode === 200) return response;
    response.resume();
    const message = `the engine refused ${sent.path} with status ${response.statusCode}`;
    throw new AppError("engine-failed", message);
  }

  /** Opens a connection for each request: one kept open would be part of a snapshot. */
  #send({ path, body, signal }: SentRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const headers = { "content-type": "application/json" };
      const options = { host: serverHost, port: this.#port, path, method, headers, agent: false };
      request({ ...options, signal }, resolve)
        .on("error", reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

interface SentRequest {
  readonly path: string;
  /** Sent as JSON by POST; without one it is a GET. */
  readonly body?: object;
  readonly signal: AbortSignal;
}
