import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type HostProcess, type HostSetup, startHostProcess } from "./host-process.ts";

const builtBundle = join(import.meta.dirname, "../../dist/handler/handler.mjs");

/** A whole answer of the direct contract. */
export interface WholeAnswer {
  readonly status: number;
  readonly content: string | undefined;
  readonly finishReason: string | undefined;
  /** The kind of error, if it is one. */
  readonly code: string | undefined;
  /** The duration that the answer reports. */
  readonly engineMs?: number | undefined;
  readonly tookMs: number;
}

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

/** Reads the text of an answer to a request that was sent at a time. */
export function wholeAnswer(status: number, body: string, startedAt: number): WholeAnswer {
  const { content, finish_reason, error, timings } = JSON.parse(body);
  return {
    status,
    content,
    finishReason: finish_reason,
    code: error?.code,
    engineMs: timings?.total_ms,
    tookMs: performance.now() - startedAt,
  };
}
