import { AppError, toAppError } from "../errors.ts";
import type { EngineOptions } from "./engine-options.ts";
import { type LlamaServerProcess, startLlamaServer } from "./llama-server-process.ts";

/** Keeps one llama-server running: starts it when asked for and not there. */
export interface ResidentServer {
  /** The running server, started or waited for where needed. Rejects when it cannot be started. */
  running(): Promise<LlamaServerProcess>;
  /** Throws `engine-loading`, or why the last start failed. */
  checkHealth(): void;
  /** Ends a server that does not do its work, and starts the next. */
  replace(): Promise<void>;
  stop(): Promise<void>;
}

/** A resident server; `running` starts it. */
export function createResidentServer(options: EngineOptions): ResidentServer {
  let current: Promise<LlamaServerProcess> | undefined;
  let obstacle: AppError | undefined = loading();

  const launch = (): Promise<LlamaServerProcess> => {
    obstacle = loading();
    const launched = startLlamaServer(options);
    const forget = (error: AppError) => {
      if (current !== launched) return;
      current = undefined;
      obstacle = error;
    };
    launched.then(
      (server) => {
        if (current === launched) obstacle = undefined;
        void server.exit.then(() => forget(loading()));
      },
      (error: unknown) => forget(toAppError(error)),
    );
    return launched;
  };
  const end = async () => {
    const ending = current;
    current = undefined;
    await ending?.then(
      (server) => server.stop(),
      () => undefined,
    );
  };
  const resident: ResidentServer = {
    running() {
      current ??= launch();
      return current;
    },
    checkHealth() {
      if (obstacle !== undefined) throw obstacle;
    },
    async replace() {
      await end();
      resident.running().catch(() => undefined);
    },
    stop: end,
  };
  return resident;
}

function loading(): AppError {
  return new AppError("engine-loading", "the model is being loaded; try again in a moment");
}
