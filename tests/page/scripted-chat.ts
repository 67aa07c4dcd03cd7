import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type RunningServer, serve } from "../helpers/http-server.ts";
import { BrowserPage } from "./browser-page.ts";

const pageFile = join(import.meta.dirname, "../../runtime/local-page.html");

/** A request of the page for an answer, which the test writes. */
export class ScriptedAnswer {
  /** The roles and contents of what the page sent. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** Resolves when the page has closed the connection, or the answer has ended. */
  readonly closed: Promise<unknown>;
  readonly response: ServerResponse;

  constructor(body: string, response: ServerResponse) {
    this.messages = JSON.parse(body).messages;
    this.response = response;
    this.closed = once(response, "close");
  }

  /** Sends a piece of the answer. */
  write(content: string): void {
    this.#event({ choices: [{ delta: { content } }] });
  }

  /** Sends the end of the answer, as the chat route does. */
  end(finishReason = "stop"): void {
    const timings = { predicted_per_second: 12.5, first_token_ms: 250 };
    const bitnet = { finish_reason: finishReason, seed: 7, timings };
    const usage = { prompt_tokens: 10, completion_tokens: 8 };
    this.#event({ choices: [{ delta: {} }], bitnet, usage });
    this.response.end("data: [DONE]\n\n");
  }

  /** Sends an error after the beginning of the answer, as the chat route does. */
  endWithError(message: string): void {
    this.#event({ error: { message } });
    this.response.end();
  }

  /** Refuses the request. */
  refuse(status: number, message: string, headers = {}): void {
    this.response.writeHead(status, { "content-type": "application/json", ...headers });
    this.response.end(JSON.stringify({ error: { message } }));
  }

  #event(value: object): void {
    this.response.write(`data: ${JSON.stringify(value)}\n\n`);
  }
}

/** The page with a server whose every answer the test writes itself, piece by piece. */
export class ScriptedChat extends BrowserPage {
  /** What `GET /health` answers. */
  health: { status: number; body: object } = { status: 200, body: { status: "ok" } };
  readonly #arrived: ScriptedAnswer[] = [];
  #takeNext: ((answer: ScriptedAnswer) => void) | undefined;

  /** Call it at the top of a test file. */
  constructor() {
    super(async () => (await server).url);
    const server = this.serve();
    afterAll(async () => (await server).close());
  }

  /** Starts a server of the page. */
  serve(): Promise<RunningServer> {
    return serve((request, response) => void this.#respond(request, response));
  }

  /** The next request for an answer, in the order of arrival. */
  async nextAnswer(): Promise<ScriptedAnswer> {
    const first = this.#arrived.shift();
    return first ?? new Promise((resolve) => (this.#takeNext = resolve));
  }

  /** Asks; returns the request, which is not yet answered. */
  async ask(question: string): Promise<ScriptedAnswer> {
    await this.submit(question);
    return this.nextAnswer();
  }

  /** Asks, and has the beginning of the answer shown. */
  async begin(question: string, beginning: string): Promise<ScriptedAnswer> {
    const answer = await this.ask(question);
    answer.write(beginning);
    await this.untilText("#messages", beginning);
    return answer;
  }

  /** Answers a question whole; returns the request. */
  async answer(question: string, content: string, finishReason?: string): Promise<ScriptedAnswer> {
    return this.end(await this.ask(question), content, finishReason);
  }

  /** Answers a request whole. */
  async end(answer: ScriptedAnswer, content = "", finishReason?: string): Promise<ScriptedAnswer> {
    answer.write(content);
    answer.end(finishReason);
    await this.untilIdle();
    return answer;
  }

  /** Asks, and refuses the request. */
  async refuse(question: string, status: number, message: string, headers = {}): Promise<void> {
    (await this.ask(question)).refuse(status, message, headers);
    await this.untilIdle();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "POST") {
      const answer = new ScriptedAnswer(await text(request), response);
      if (this.#takeNext) this.#takeNext(answer);
      else this.#arrived.push(answer);
      this.#takeNext = undefined;
    } else if (request.url === "/") response.end(readFileSync(pageFile));
    else if (request.url === "/v1/models") response.end('{"data":[{"id":"scripted-model"}]}');
    else response.writeHead(this.health.status).end(JSON.stringify(this.health.body));
  }
}
