/**
 * The routes of llama-server that the runtime uses: health, tokens, and completions, one at a time.
 * (The recorded transcripts, and examples/server/server.cpp of llama.cpp@1f86f058, read 2026-11.)
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { fieldsOf, readCompletionRequest, ServerError } from "./completion-request.ts";
import { CompletionSlot, type SlotDependencies } from "./completion-slot.ts";
import type { EngineSettings } from "./engine-settings.ts";
import { openEngine } from "./open-engine.ts";
import { tokenize, tokenizePrompt } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The server without its socket. */
export class LlamaServerApp {
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
