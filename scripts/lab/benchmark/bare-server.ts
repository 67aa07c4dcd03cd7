import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../../runtime/config.ts";
import { engineEnvironment } from "../../../runtime/engine/child-process.ts";
import {
  completionBody,
  llamaServerArguments,
  serverHost,
} from "../../../runtime/engine/llama-server/arguments.ts";
import { CompletionReader } from "../../../runtime/engine/llama-server/output.ts";
import { freePort } from "../../../runtime/engine/llama-server/process.ts";
import { parseRequest } from "../../../runtime/request/request.ts";
import type { Figures } from "./in-turn.ts";
import type { QuestionRequest } from "./question.ts";

/** A llama-server without the handler. */
interface BareServer {
  /** One streamed completion, with the values that the handler sends. */
  run(request: QuestionRequest): Promise<Figures | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts llama-server as the runtime does, and waits until it has loaded.
 *
 * @param pollMs time between two readiness checks
 */
export async function startBareServer(
  config: Pick<Config, "enginePaths" | "modelPath" | "contextTokens">,
  threads: number,
  pollMs = 10,
): Promise<BareServer> {
  const port = await freePort(serverHost);
  const child = spawn(
    config.enginePaths["llama-server"],
    llamaServerArguments({ ...config, threads }, port),
    {
      env: engineEnvironment(process.env),
      stdio: "ignore",
    },
  );
  const url = `http://${serverHost}:${port}`;
  await untilHealthy(url, child, pollMs);
  return {
    run: (request) => complete(url, request, config.contextTokens),
    async stop() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function untilHealthy(url: string, child: ChildProcess, pollMs: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`llama-server ended with ${child.exitCode}`);
    const isReady = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await sleep(pollMs);
  }
}

async function complete(
  url: string,
  question: QuestionRequest,
  contextTokens: number,
): Promise<Figures | undefined> {
  const request = parseRequest(question, () => 0);
  const body = JSON.stringify(completionBody(request, contextTokens));
  const headers = { "content-type": "application/json" };
  const events = new CompletionReader();
  let firstMs: number | undefined;

  const startedAt = performance.now();
  const response = await fetch(`${url}/completion`, { method: "POST", headers, body });
  for await (const bytes of response.body ?? []) {
    firstMs ??= performance.now() - startedAt;
    for (const event of events.push(bytes)) {
      if (!event.stop) continue;
      const totalMs = performance.now() - startedAt;
      if (event.tokens_predicted !== question.n_predict) return undefined;
      const rate = event.timings.predicted_per_second;
      return {
        total_ms: totalMs,
        first_token_ms: firstMs,
        ...(rate && { tokens_per_second: rate }),
      };
    }
  }
  throw new Error("llama-server's answer has no end");
}
