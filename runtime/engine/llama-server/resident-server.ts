import { AppError, toAppError } from "../../errors.ts";
import type { EngineOptions } from "../engine-options.ts";
import { type LlamaServerProcess, startLlamaServer } from "./process.ts";

/** Keeps one llama-server running: starts it when asked for and not there. */
export interface ResidentServer {
  /** The running server, started or waited for where needed. Rejects when it cannot be started. */
  running(): Promise<LlamaServerProcess>;
  /** Throws `engine-loading`, or why the last start failed. */
  checkHealth(): void;
  /** Ends a server that does not do its work, and starts the next. */
  replace(): Promise<void>;
  /** Ends the server, ready or not, for good; settles when it is gone. */
  stop(): Promise<void>;
}

/** A server that was started: maybe ready, maybe not yet. */
interface Launch {
  readonly server: Promise<LlamaServerProcess>;
  readonly stopping: AbortController;
}

/** A resident server; `running` starts it. */
export function createResidentServer(options: EngineOptions): ResidentServer {
  let current: Launch | undefined;
  let obstacle: AppError | undefined = loading();
  let isStopped = false;

  const launch = (): Launch => {
    const stopping = new AbortController();
    const launched = { server: startLlamaServer(options, stopping.signal), stopping };
    obstacle = loading();
    const forget = (error: AppError) => {
      if (current !== launched) return;
      current = undefined;
      obstacle = error;
    };
    launched.server.then(
      (server) => {
        if (current === launched) obstacle = undefined;
        void server.exit.then(() => forget(loading()));
      },
      (error: unknown) => forget(toAppError(error)),
    );
    return launched;
  };
  const running = async () => {
    if (isStopped) throw new AppError("engine-unavailable", "the engine has been stopped");
    current ??= launch();
    return current.server;
  };
  const end = async () => {
    const ending = current;
    current = undefined;
    ending?.stopping.abort();
    await ending?.server.then(
      (server) => server.exit,
      () => undefined,
    );
  };
  return {
    running,
    checkHealth() {
      if (obstacle !== undefined) throw obstacle;
    },
    async replace() {
      await end();
      running().catch(() => undefined);
    },
    stop() {
      isStopped = true;
      return end();
    },
  };
}

function loading(): AppError {
  return new AppError("engine-loading", "the model is being loaded; try again in a moment");
}
