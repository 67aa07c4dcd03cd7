import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { AppError } from "../../errors.ts";
import type { GenerationRequest } from "../../generation.ts";
import { completionBody, hasPenalty, readingBody, serverHost } from "./arguments.ts";
import { type CompletionEvent, CompletionReader, readTokens, withReading } from "./output.ts";

/** A prompt that differs from the cached text only this close to its end may lack one token alone. */
const tailCharacters = 16;

/** Tokens read together give what llama-cli computes; one read alone does not, by 1 to 2 %. */
const tailTokens = 2;

/** Loopback HTTP to a running llama-server. Every method rejects when the server goes away. */
export class LlamaServerClient {
  readonly #port: number;
  /** The text in the server's cache; `undefined` when it is not known. */
  #cached: string | undefined = "";

  constructor(port: number) {
    this.#port = port;
  }

  /** The model is loaded. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    const response = await this.#send({ path: "/health", signal });
    response.resume();
    return response.statusCode === 200;
  }

  /** The tokens of a prompt, BOS included. */
  async tokens(prompt: string, signal: AbortSignal): Promise<readonly number[]> {
    const body = { content: prompt, add_special: true };
    return readTokens(await text(await this.#sendFine({ path: "/tokenize", body, signal })));
  }

  /** A streamed completion; leaving it early or aborting closes the connection. */
  async *complete(
    generation: GenerationRequest,
    freeTokens: number,
    signal: AbortSignal,
  ): AsyncGenerator<CompletionEvent> {
    const prompt = await this.#promptToRead(generation, signal);
    this.#cached = undefined;
    let reading: CompletionEvent | undefined;
    if (prompt !== undefined) {
      for await (const event of this.#stream(readingBody(prompt), signal)) reading = event;
    }
    for await (const event of this.#stream(completionBody(generation, freeTokens), signal)) {
      this.#cached = (this.#cached ?? generation.prompt) + event.content;
      yield event.stop && reading?.stop ? withReading(event, reading) : event;
    }
  }

  /**
   * What must be read before, so that an answer does not depend on the one before it. With a penalty the
   * whole prompt, since llama-server applies it to cached tokens only. Without one, where the cache may
   * hold all of the prompt, it with another end: else its last token would be computed again, alone.
   */
  async #promptToRead(generation: GenerationRequest, signal: AbortSignal) {
    const { prompt } = generation;
    if (hasPenalty(generation)) return prompt;
    if (!this.#mayHoldAll(prompt)) return undefined;
    const tokens = await this.tokens(prompt, signal);
    const otherToken = tokens.at(-tailTokens) === 0 ? 1 : 0;
    return [...tokens.slice(0, -tailTokens), otherToken];
  }

  #mayHoldAll(prompt: string): boolean {
    if (this.#cached === undefined) return true;
    return this.#cached !== "" && this.#cached.startsWith(prompt.slice(0, -tailCharacters));
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
