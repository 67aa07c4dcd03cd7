import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type HostProcess, type HostSetup, startHostProcess } from "./host-process.ts";
import { type WholeAnswer, wholeAnswer } from "./served-answer.ts";

const builtBundle = join(import.meta.dirname, "../../dist/handler/handler.mjs");

/** What the handler returns. */
interface Returned {
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

/** Starts one. @throws Error with the process's output when it does not start */
export async function startHandlerHost(setup: HostSetup): Promise<HandlerHost> {
  const host = await startHostProcess("handler-host.mjs", {
    ...setup,
    variables: {
      HANDLER_BUNDLE: pathToFileURL(builtBundle).href,
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
