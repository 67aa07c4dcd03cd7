/**
 * A run of llama-server's command line: load, listen, and answer until the process is ended. It has
 * the routes that the runtime uses: health, tokens, and completions, one at a time.
 *
 * Source: recorded transcripts, and examples/server/server.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import {
  engineFlags,
  numberOf,
  type OpenEngine,
  openEngine,
  ProgramError,
  readFlags,
} from "./command-line.ts";
import { CompletionSlot, readCompletionRequest, ServerError } from "./completion-slot.ts";
import { tokenize, tokenizePrompt } from "./tokenizer.ts";

const flags = {
  ...engineFlags,
  host: { type: "string", default: "127.0.0.1" },
  // 0 takes any free port.
  port: { type: "string", default: "8080" },
  // Without effect: this engine has one slot.
  parallel: { type: "string" },
} as const;

/** Runs the command line. Resolves when the server listens. Throws ProgramError. */
export async function runLlamaServer(
  args: readonly string[],
  writeError: (text: string) => void,
): Promise<Server> {
  const { host, port, ...values } = readFlags(args, flags);
  const app = new LlamaServerApp(openEngine(values), writeError);
  const server = createServer((request, response) => void app.handle(request, response));
  try {
    await once(server.listen(numberOf(port), host), "listening");
  } catch (cause) {
    const message = `main: couldn't bind HTTP server socket, hostname: ${host}, port: ${port}`;
    throw new ProgramError(message, { cause });
  }
  return server;
}

/** The server without its socket. */
class LlamaServerApp {
  readonly #engine: OpenEngine;
  readonly #slot: CompletionSlot;
  /** Settles when the slot is free. */
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(engine: OpenEngine, writeError: (text: string) => void) {
    this.#engine = engine;
    this.#slot = new CompletionSlot(engine, writeError);
  }

  /** Answers a request. Rejects only for a fault of the engine itself. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("Server", "llama.cpp");
    try {
      const body = await text(request);
      await this.#route(`${request.method} ${request.url}`, body, response);
    } catch (error) {
      const refusal = asServerError(error);
      sendJson(response, { error: refusal }, refusal.status);
    }
  }

  async #route(route: string, body: string, response: ServerResponse): Promise<void> {
    switch (route) {
      case "GET /health":
        return sendJson(response, { status: "ok" });
      case "POST /tokenize":
        return sendJson(response, { tokens: this.#tokensOf(JSON.parse(body)) });
      case "POST /completion":
        return this.#complete(JSON.parse(body), response);
      default:
        throw new ServerError("File Not Found", 404, "not_found_error");
    }
  }

  #tokensOf({ content, add_special }: { content: string; add_special?: boolean }): number[] {
    const { vocabulary } = this.#engine.model;
    return add_special ? tokenizePrompt(content, vocabulary) : tokenize(content, vocabulary);
  }

  /** Streams an answer as events. It ends at the next token when the caller has gone. */
  async #complete(body: object, response: ServerResponse): Promise<void> {
    const request = readCompletionRequest(body);
    let isGone = false;
    response.once("close", () => {
      isGone = true;
    });
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    const events = this.#slot.answer(request, () => isGone);
    const turn = this.#lastTurn.then(() => (isGone ? undefined : sendEvents(events, response)));
    this.#lastTurn = turn;
    await turn;
  }
}

/** Sends events as they come. A refusal is an event too, as the status has been sent. */
async function sendEvents(events: AsyncGenerator<object>, response: ServerResponse): Promise<void> {
  try {
    for await (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  } catch (error) {
    response.write(`error: ${JSON.stringify(asServerError(error))}\n\n`);
  }
  response.end();
}

/** A refusal: the error itself, or one for a body that is not JSON. Throws any other error. */
function asServerError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  if (error instanceof SyntaxError) return new ServerError(error.message);
  throw error;
}

function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
