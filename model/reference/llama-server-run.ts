/**
 * A run of llama-server's command line: listen, load, and answer until the process is ended. It has
 * the routes that the runtime uses: health, tokens, and completions, one at a time.
 *
 * Source: recorded transcripts, and examples/server/server.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  defaultEngineSettings,
  type EngineSettings,
  engineFlags,
  type FlagTable,
  field,
  integer,
  ProgramError,
  parseCommandLine,
  refuse,
} from "./command-line.ts";
import { fieldsOf, readCompletionRequest, ServerError } from "./completion-request.ts";
import { CompletionSlot, type SlotDependencies } from "./completion-slot.ts";
import { openEngine } from "./open-engine.ts";
import { tokenize, tokenizePrompt } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Settings by flags. */
interface LlamaServerSettings extends EngineSettings {
  host: string;
  /** 0 takes any free port. */
  port: number;
}

const flags: FlagTable<LlamaServerSettings> = {
  ...engineFlags,
  "--host": field("host", String),
  "--port": field("port", integer),
  "--parallel": (_, value) => {
    if (integer(value) !== 1) refuse("this engine has one slot");
  },
};

/** Runs the command line. Resolves when the model is loaded. Throws ProgramError. */
export async function runLlamaServer(
  args: readonly string[],
  dependencies: SlotDependencies,
): Promise<Server> {
  const defaults = { ...defaultEngineSettings(), host: "127.0.0.1", port: 8080 };
  const settings = parseCommandLine(flags, defaults, args);
  const { host, port } = settings;
  const report = (line: string) => dependencies.writeError(`main: ${line}\n`);
  const app = new LlamaServerApp(settings, dependencies);
  const server = createServer((request, response) => void app.handle(request, response));
  try {
    await listen(server, settings);
  } catch (cause) {
    const message = `main: couldn't bind HTTP server socket, hostname: ${host}, port: ${port}`;
    throw new ProgramError(message, { cause });
  }
  const bound = (server.address() as AddressInfo).port;
  report(`HTTP server is listening, hostname: ${host}, port: ${bound}, http threads: 1`);
  report("loading model");
  // Lets in requests to answer 503 to; none is handled while the model loads.
  await dependencies.pause();
  try {
    app.load();
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  report("model loaded");
  report(`server is listening on ${host}:${bound} - starting the main loop`);
  return server;
}

function listen(server: Server, { host, port }: LlamaServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

/** The server without its socket. */
class LlamaServerApp {
  readonly #settings: EngineSettings;
  readonly #dependencies: SlotDependencies;
  #loaded: { vocabulary: Vocabulary; slot: CompletionSlot } | undefined;
  /** Settles when the slot is free. */
  #lastTurn: Promise<void> = Promise.resolve();

  /** Until `load` every route answers 503, "Loading model". */
  constructor(settings: EngineSettings, dependencies: SlotDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
  }

  /** Loads the model. Throws ProgramError. */
  load(): void {
    const lastLine = "main: exiting due to model loading error";
    const engine = openEngine(this.#settings, this.#dependencies.writeError, lastLine);
    const slot = new CompletionSlot(engine, this.#dependencies);
    this.#loaded = { slot, vocabulary: engine.model.vocabulary };
  }

  /** Answers a request. Rejects only for a fault of the engine itself. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("Server", "llama.cpp");
    try {
      await this.#route(`${request.method} ${request.url}`, request, response);
    } catch (error) {
      const refusal = asServerError(error);
      sendJson(response, { error: refusal }, refusal.status);
    }
  }

  async #route(route: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#loaded) throw new ServerError("unavailable_error", "Loading model");
    const { vocabulary, slot } = this.#loaded;
    const body = await text(request);
    switch (route) {
      case "GET /health":
        return sendJson(response, { status: "ok" });
      case "POST /tokenize":
        return sendJson(response, { tokens: tokensOf(JSON.parse(body), vocabulary) });
      case "POST /completion":
        return this.#complete(JSON.parse(body), response, slot);
      default:
        throw new ServerError("not_found_error", "File Not Found");
    }
  }

  /** Streams an answer as events. It ends at the next token when the caller has gone. */
  async #complete(body: unknown, response: ServerResponse, slot: CompletionSlot): Promise<void> {
    const request = readCompletionRequest(body, this.#settings.sampling);
    let isGone = false;
    response.once("close", () => {
      isGone = true;
    });
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    const events = slot.answer(request, () => isGone);
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

function tokensOf(body: unknown, vocabulary: Vocabulary): number[] {
  const { content, add_special } = fieldsOf(body);
  if (content === undefined) return [];
  if (typeof content !== "string") {
    throw new ServerError("server_error", "the reference engine tokenizes text only");
  }
  return add_special === true ? tokenizePrompt(content, vocabulary) : tokenize(content, vocabulary);
}

/** A refusal: the error itself, or one for a body that is not JSON. Throws any other error. */
function asServerError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  if (error instanceof SyntaxError) return new ServerError("server_error", error.message);
  throw error;
}

function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
