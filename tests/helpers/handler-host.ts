import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type HostProcess, type HostSetup, startHostProcess } from "./host-process.ts";
import { type WholeAnswer, wholeAnswer } from "./served-answer.ts";

const builtBundle = join(import.meta.dirname, "../../dist/handler/handler.mjs");

/** How a handler's process is started. */
export interface HandlerHostSetup extends HostSetup {
  /** Files elsewhere, for one who may not read ours. */
  readonly program?: string;
  readonly bundle?: string;
}

/** What the handler returns. */
export interface Returned {
  readonly statusCode: number;
  readonly body: string;
}

/** The bundled handler in a process of its own. */
export interface HandlerHost extends HostProcess {
  /** Invokes the handler directly. */
  ask(event?: object, limitMs?: number): Promise<WholeAnswer>;
  /** Invokes it with any event. */
  invoke(event: object): Promise<Returned>;
}

/** Starts one. @throws Error with the process's own words when it does not come up */
export async function startHandlerHost(setup: HandlerHostSetup): Promise<HandlerHost> {
  const host = await startHostProcess(setup.program ?? "handler-host.mjs", {
    ...setup,
    variables: {
      HANDLER_BUNDLE: pathToFileURL(setup.bundle ?? builtBundle).href,
      BITNET_KILL_DELAY_MS: "100",
      ...setup.variables,
    },
  });
  const invoke = async (event: object, limitMs?: number) =>
    (await host.act("invoke", { event, limitMs })) as Returned;
  return {
    ...host,
    invoke,
    async ask(event = { prompt: "Hi there" }, limitMs) {
      const startedAt = performance.now();
      const { statusCode, body } = await invoke(event, limitMs);
      return wholeAnswer(statusCode, body, startedAt);
    },
  };
}
