import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { SlotDependencies } from "../../../../model/reference/completion-slot.ts";
import { runLlamaServer } from "../../../../model/reference/llama-server-run.ts";
import { randomModel } from "./run-llama-cli.ts";

/** A server that runs inside the test. */
export interface TestServer {
  readonly url: string;
  readonly stderr: string[];
  /** Tokens taken in so far. */
  pauses(): number;
  post(path: string, body: unknown, signal?: AbortSignal): Promise<Response>;
  /** Posts a completion, and collects its events. Throws for a refusal. */
  complete(body: object): Promise<Completion>;
  stop(): void;
}

/** A streamed answer: its pieces put together, and the last event. */
export interface Completion {
  readonly content: string;
  readonly end: CompletionEnd;
}

interface CompletionEnd {
  readonly tokens_predicted: number;
  readonly stopped_eos: boolean;
  readonly stopped_limit: boolean;
  readonly timings: Readonly<Record<string, number>>;
}

/** Starts the reference llama-server on any free port. */
export async function startLlamaServer(
  args: readonly string[] = [],
  given: Partial<SlotDependencies> = {},
): Promise<TestServer> {
  const stderr: string[] = [];
  let pauses = 0;
  const usual = ["--model", randomModel, "--ctx-size", "256", "--port", "0"];
  const server = await runLlamaServer([...usual, ...args], {
    writeError: (text) => void stderr.push(text),
    now: () => performance.now(),
    pause: async () => {
      pauses++;
      await setImmediate();
    },
    ...given,
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: unknown, signal?: AbortSignal) =>
    fetch(url + path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    url,
    stderr,
    pauses: () => pauses,
    post,
    complete: async (body) => {
      const response = await post("/completion", { ...body, stream: true });
      return readCompletion(await response.text());
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Puts the events of a stream together. Throws Error for a refusal. */
export function readCompletion(text: string): Completion {
  const events = text.split("\n\n").slice(0, -1);
  if (!events.every((event) => event.startsWith("data: "))) throw new Error(text);
  const parsed: (CompletionEnd & { content: string })[] = events.map((event) =>
    JSON.parse(event.slice("data: ".length)),
  );
  const end = parsed.at(-1);
  if (!end) throw new Error("no event");
  return { content: parsed.map(({ content }) => content).join(""), end };
}
