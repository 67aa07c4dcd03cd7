import type { AddressInfo } from "node:net";
import { runLlamaServer } from "../../../../model/reference/llama-server-run.ts";
import { randomModel } from "./run-llama-cli.ts";

/** A server that runs inside the test. */
export type TestServer = Awaited<ReturnType<typeof startLlamaServer>>;

/** The last event of a streamed answer. */
interface CompletionEnd {
  readonly tokens_predicted: number;
  readonly stopped_eos: boolean;
  readonly stopped_limit: boolean;
  readonly timings: Readonly<Record<string, number>>;
}

/** Starts the reference llama-server on any free port. */
export async function startLlamaServer(args: readonly string[] = []) {
  const stderr: string[] = [];
  const usual = ["--model", randomModel, "--ctx-size", "256", "--port", "0"];
  const server = await runLlamaServer([...usual, ...args], (text) => void stderr.push(text));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: unknown) =>
    fetch(url + path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    url,
    stderr,
    post,
    /** Posts a completion, and collects its events. Throws for a refusal. */
    async complete(body: object) {
      const response = await post("/completion", { ...body, stream: true });
      return readCompletion(await response.text());
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Puts the events of a stream together: the text, and the last event. Throws Error for a refusal. */
export function readCompletion(text: string) {
  const events = text.split("\n\n").slice(0, -1);
  if (!events.every((event) => event.startsWith("data: "))) throw new Error(text);
  const parsed: (CompletionEnd & { content: string })[] = events.map((event) =>
    JSON.parse(event.slice("data: ".length)),
  );
  const end = parsed.at(-1);
  if (!end) throw new Error("no event");
  return { content: parsed.map(({ content }) => content).join(""), end };
}
