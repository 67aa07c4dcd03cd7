/**
 * llama-server's routes, as far as this engine has them: health, properties, models, tokens, and
 * completions.
 *
 * Source: the recorded transcripts, and main of examples/server/server.cpp, llama.cpp@1f86f058
 * (read 2026-11).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { CompletionRoute } from "./completion-route.ts";
import { CompletionSlot, type SlotWorld } from "./completion-slot.ts";
import { contentTokens, tokenOf } from "./content-tokens.ts";
import { readJson } from "./json-reader.ts";
import type { LlamaServerSettings } from "./llama-server-flags.ts";
import { type OpenEngine, openEngine, warmUp } from "./open-engine.ts";
import { RequestFields } from "./request-fields.ts";
import { sendJson } from "./send-json.ts";
import { asServerError, ServerError } from "./server-error.ts";
import { modelsReport, propertiesReport } from "./server-report.ts";

/** What the server needs from outside. */
export interface AppWorld extends SlotWorld {
  /** Seconds since 1970. */
  unixTime(): number;
}

/** A server whose model is loaded. */
interface Loaded {
  readonly engine: OpenEngine;
  readonly slot: CompletionSlot;
  readonly completions: CompletionRoute;
}

/** A request that is being answered. */
interface Exchange {
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** The server, but for the socket. */
export class LlamaServerApp {
  readonly #settings: LlamaServerSettings;
  readonly #world: AppWorld;
  #loaded: Loaded | undefined;

  /** Loads nothing yet: until `load` every route answers that the model is loading. */
  constructor(settings: LlamaServerSettings, world: AppWorld) {
    this.#settings = settings;
    this.#world = world;
  }

  /** Loads the model. Throws LoadError. */
  load(): void {
    const engine = openEngine(this.#settings, (text) => this.#world.writeError(text));
    warmUp(engine.model);
    const slot = new CompletionSlot(engine, this.#settings, this.#world);
    const defaults = { settings: this.#settings, vocabulary: engine.model.vocabulary };
    this.#loaded = { engine, slot, completions: new CompletionRoute(slot, defaults) };
  }

  /** Answers a request. Rejects only for a fault of the engine itself. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("Server", "llama.cpp");
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "");
    try {
      if (!this.#loaded) throw new ServerError("unavailable_error", "Loading model");
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      const route = ROUTES[`${request.method} ${path}`];
      if (!route) throw new ServerError("not_found_error", "File Not Found");
      await route(this, this.#loaded, { body: await buffer(request), response });
    } catch (error) {
      const refusal = asServerError(error);
      sendJson(response, { error: refusal }, refusal.status);
    }
  }

  /** `GET /props`. */
  properties({ slot, engine }: Loaded): object {
    return propertiesReport(slot.facts, this.#settings, engine.model);
  }

  /** `GET /v1/models`. */
  models({ engine }: Loaded): object {
    return modelsReport(engine.model, this.#settings.modelPath, this.#world.unixTime());
  }
}

type Route = (app: LlamaServerApp, loaded: Loaded, exchange: Exchange) => Promise<void> | void;

const health: Route = (_app, _loaded, { response }) => sendJson(response, { status: "ok" });

const properties: Route = (app, loaded, { response }) => sendJson(response, app.properties(loaded));

const models: Route = (app, loaded, { response }) => sendJson(response, app.models(loaded));

const tokenize: Route = (_app, { engine }, { body, response }) => {
  const fields = new RequestFields(readJson(body));
  const { vocabulary } = engine.model;
  const tokens = fields.has("content")
    ? contentTokens(fields.get("content"), vocabulary, fields.boolean("add_special", false))
    : [];
  const withPieces = fields.boolean("with_pieces", false);
  const piece = (id: number) => ({ id, piece: pieceOf(vocabulary.bytesOf(id, true)) });
  sendJson(response, { tokens: withPieces ? tokens.map(piece) : tokens });
};

const detokenize: Route = (_app, { engine }, { body, response }) => {
  const fields = new RequestFields(readJson(body));
  const { vocabulary } = engine.model;
  const pieces = fields
    .list("tokens")
    .map((value) => vocabulary.bytesOf(tokenOf(value, vocabulary), true));
  sendJson(response, { content: Buffer.concat(pieces).toString() });
};

const complete: Route = (_app, { completions }, { body, response }) =>
  completions.answer(readJson(body), response);

const ROUTES: Readonly<Record<string, Route>> = {
  "GET /health": health,
  "GET /props": properties,
  "GET /models": models,
  "GET /v1/models": models,
  "POST /tokenize": tokenize,
  "POST /detokenize": detokenize,
  "POST /completion": complete,
  "POST /completions": complete,
  "POST /v1/completions": complete,
};

/** Text; the bytes of what is none. */
function pieceOf(bytes: Uint8Array): string | number[] {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return [...bytes];
  }
}
