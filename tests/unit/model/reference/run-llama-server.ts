import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type LlamaServerWorld,
  runLlamaServer,
} from "../../../../model/reference/llama-server-run.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

/** A server that runs inside the test. */
export interface TestServer {
  readonly url: string;
  readonly stderr: string[];
  /** Tokens taken in so far. */
  pauses(): number;
  post(path: string, body: unknown, signal?: AbortSignal): Promise<Response>;
  stop(): void;
}

/** Starts the reference llama-server on any free port. */
export async function startLlamaServer(
  args: readonly string[] = [],
  given: Partial<LlamaServerWorld> = {},
): Promise<TestServer> {
  const stderr: string[] = [];
  let pauses = 0;
  const model = ["-m", join(recordedFolder, "random-tiny.gguf"), "-t", "1", "-c", "256"];
  const run = await runLlamaServer([...model, "--port", "0", ...args], {
    readFile: (path) => readFileSync(path),
    writeOutput: () => {},
    writeError: (text) => void stderr.push(text),
    now: () => performance.now(),
    unixTime: () => 1,
    randomSeed: () => 12345,
    pause: async () => {
      pauses++;
      await setImmediate();
    },
    ...given,
  });
  if ("exitCode" in run) throw new Error(`exit ${run.exitCode}: ${stderr.join("")}`);
  const { server } = run;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    stderr,
    pauses: () => pauses,
    post: (path, body, signal) =>
      fetch(url + path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(signal && { signal }),
      }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
