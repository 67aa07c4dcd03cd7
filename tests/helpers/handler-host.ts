import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HostProcess, type HostSetup } from "./host-process.ts";

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
export class HandlerHost extends HostProcess {
  constructor(setup: HostSetup) {
    const HANDLER_BUNDLE = pathToFileURL(builtBundle).href;
    const variables = { HANDLER_BUNDLE, BITNET_KILL_DELAY_MS: "100", ...setup.variables };
    super("handler-host.mjs", { ...setup, variables });
  }

  /** Invokes the handler with any event. */
  async invoke(event: object, limitMs?: number): Promise<Returned> {
    return (await this.act("invoke", { event, limitMs })) as Returned;
  }

  /** Invokes the handler directly. */
  async ask(event: object = { prompt: "Hi there" }, limitMs?: number): Promise<WholeAnswer> {
    const startedAt = performance.now();
    const { statusCode, body } = await this.invoke(event, limitMs);
    return wholeAnswer(statusCode, body, startedAt);
  }
}

/** Starts one. @throws Error with the process's output when it does not start */
export async function startHandlerHost(setup: HostSetup): Promise<HandlerHost> {
  const host = new HandlerHost(setup);
  await host.ready;
  return host;
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
