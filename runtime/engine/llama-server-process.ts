import { setTimeout as sleep } from "node:timers/promises";
import { type ChildExit, type RunningChild, startChildProcess } from "./child-process.ts";
import { engineFailure } from "./engine-failure.ts";
import { type EngineOptions, engineEnvironment } from "./engine-options.ts";
import { freePort } from "./free-port.ts";
import { grammarRefusal } from "./llama-cli-output.ts";
import { llamaServerArguments, serverHost } from "./llama-server-arguments.ts";
import { createLlamaServerClient, type LlamaServerClient } from "./llama-server-client.ts";

/** A llama-server that has loaded its model. */
export interface LlamaServerProcess {
  readonly client: LlamaServerClient;
  /** From its start until it was ready, in milliseconds. */
  readonly loadMs: number;
  /** Settles when it is gone; never rejects. */
  readonly exit: Promise<ChildExit>;
  /** How often it has said that it cannot use a grammar, and then goes on without. */
  grammarRefusals(): number;
}

/** Between two looks at whether it is ready, in milliseconds: loading takes some hundreds. */
const readinessPollMs = 10;

/**
 * Starts llama-server and waits until it is ready.
 *
 * @param signal ends it, ready or not
 * @throws AppError `engine-*`, `model-*` when it ends before
 */
export async function startLlamaServer(
  options: EngineOptions,
  signal: AbortSignal,
): Promise<LlamaServerProcess> {
  const port = await freePort(serverHost);
  const startedAt = options.now();
  let grammarRefusals = 0;
  const child = start(options, port, signal, (text) => {
    if (grammarRefusal.test(text)) grammarRefusals++;
  });
  void drain(child.stdout);
  const client = createLlamaServerClient(port);
  await untilReady(client, child.exit);
  return {
    client,
    loadMs: options.now() - startedAt,
    exit: child.exit,
    grammarRefusals: () => grammarRefusals,
  };
}

function start(
  { config, threads, environment, temporaryFolder }: EngineOptions,
  port: number,
  signal: AbortSignal,
  onStderr: (text: string) => void,
): RunningChild {
  return startChildProcess({
    file: config.llamaServerPath,
    args: llamaServerArguments({ ...config, threads }, port),
    environment: engineEnvironment(environment),
    temporaryFolder,
    signal,
    killDelayMs: config.killDelayMs,
    isBackground: true,
    onStderr: (bytes) => onStderr(Buffer.from(bytes).toString()),
  });
}

/** Its log goes nowhere, but a full pipe would stop it. */
async function drain(stdout: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stdout);
}

async function untilReady(client: LlamaServerClient, exit: Promise<ChildExit>): Promise<void> {
  let ended: ChildExit | undefined;
  void exit.then((how) => {
    ended = how;
  });
  for (;;) {
    // Before it listens the connection is refused.
    const isReady = await client.isReady().catch(() => false);
    if (ended !== undefined) throw engineFailure(ended, "BITNET_LLAMA_SERVER");
    if (isReady) return;
    await Promise.race([sleep(readinessPollMs), exit]);
  }
}
