import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type RunningServer, serve } from "../helpers/http-server.ts";

const pageFile = join(import.meta.dirname, "../../runtime/local-page.html");

/** A request of the page for an answer, which the test writes. */
export class ScriptedAnswer {
  /** What the page sent. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** Resolves when the page has closed the connection, or the answer has ended. */
  readonly closed: Promise<unknown>;
  readonly #response: ServerResponse;

  constructor(body: string, response: ServerResponse) {
    this.messages = JSON.parse(body).messages;
    this.#response = response;
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
    this.#response.end("data: [DONE]\n\n");
  }

  /** Sends an error after the beginning of the answer, as the chat route does. */
  endWithError(message: string): void {
    this.#event({ error: { message } });
    this.#response.end();
  }

  /** Refuses the request. */
  refuse(status: number, message: string, headers = {}): void {
    this.#response.writeHead(status, { "content-type": "application/json", ...headers });
    this.#response.end(JSON.stringify({ error: { message } }));
  }

  /** Refuses the request as a proxy does. */
  refuseInHtml(status: number): void {
    this.#response.writeHead(status, { "content-type": "text/html" }).end("<h1>Bad</h1>");
  }

  /** Ends the stream without the chat route's last line. */
  endEarly(): void {
    this.#response.end();
  }

  /** Breaks the connection. */
  cut(): void {
    this.#response.destroy();
  }

  #event(value: object): void {
    this.#response.write(`data: ${JSON.stringify(value)}\n\n`);
  }
}

/** Serves the page to a test that writes every answer itself, piece by piece. */
export class ScriptedServer {
  /** What `GET /health` answers. */
  health: { status: number; body: object } = { status: 200, body: { status: "ok" } };
  readonly #arrived: ScriptedAnswer[] = [];
  #server: RunningServer | undefined;
  #isWaitedFor: ((answer: ScriptedAnswer) => void) | undefined;

  /** Starts on a free port. @returns the url */
  async start(): Promise<string> {
    this.#server = await serve((message, response) => void this.#respond(message, response));
    return this.#server.url;
  }

  /** The next request for an answer, in the order of arrival. */
  nextAnswer(): Promise<ScriptedAnswer> {
    const first = this.#arrived.shift();
    if (first) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#isWaitedFor = resolve;
    });
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #respond(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.method === "POST")
      this.#announce(new ScriptedAnswer(await text(message), response));
    else if (message.url === "/") response.end(readFileSync(pageFile));
    else if (message.url === "/v1/models") response.end('{"data":[{"id":"scripted-model"}]}');
    else response.writeHead(this.health.status).end(JSON.stringify(this.health.body));
  }

  #announce(answer: ScriptedAnswer): void {
    const resolve = this.#isWaitedFor;
    this.#isWaitedFor = undefined;
    if (resolve) resolve(answer);
    else this.#arrived.push(answer);
  }
}
