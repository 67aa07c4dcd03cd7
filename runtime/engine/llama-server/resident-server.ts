import { AppError, toAppError } from "../../errors.ts";
import type { EngineOptions } from "../engine.ts";
import { type LlamaServerProcess, startLlamaServer } from "./process.ts";

/** A server that was started: ready, or not yet. */
interface Launch {
  readonly server: Promise<LlamaServerProcess>;
  readonly stopping: AbortController;
}

/** Keeps one llama-server running: starts it when asked for and not there. */
export class ResidentServer {
  readonly #options: EngineOptions;
  #current: Launch | undefined;
  #obstacle: AppError | undefined = loading();
  #isStopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The running server, started or waited for where needed. Rejects when it cannot be started. */
  async running(): Promise<LlamaServerProcess> {
    if (this.#isStopped) throw new AppError("engine-unavailable", "the engine has been stopped");
    this.#current ??= this.#launch();
    return this.#current.server;
  }

  /** @throws AppError `engine-loading`, or why the last start failed */
  checkHealth(): void {
    if (this.#obstacle !== undefined) throw this.#obstacle;
  }

  /** Ends a server that does not work, and starts the next. */
  async replace(): Promise<void> {
    await this.#end();
    this.running().catch(() => undefined);
  }

  /** Ends the server, ready or not, for good; settles when it is gone. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#end();
  }

  #launch(): Launch {
    const stopping = new AbortController();
    const launched = { server: startLlamaServer(this.#options, stopping.signal), stopping };
    this.#obstacle = loading();
    launched.server.then(
      (server) => {
        if (this.#current === launched) this.#obstacle = undefined;
        void server.exit.then(() => this.#forget(launched, loading()));
      },
      (error: unknown) => this.#forget(launched, toAppError(error)),
    );
    return launched;
  }

  #forget(launched: Launch, obstacle: AppError): void {
    if (this.#current !== launched) return;
    this.#current = undefined;
    this.#obstacle = obstacle;
  }

  async #end(): Promise<void> {
    const ending = this.#current;
    this.#current = undefined;
    ending?.stopping.abort();
    await ending?.server.then(
      (server) => server.exit,
      () => undefined,
    );
  }
}

function loading(): AppError {
  return new AppError("engine-loading", "the model is being loaded; try again in a moment");
}
