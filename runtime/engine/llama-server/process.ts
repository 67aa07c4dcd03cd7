import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors.ts";
import { type ChildExit, startChildProcess } from "../child-process.ts";
import type { EngineOptions } from "../engine.ts";
import { engineFailure } from "../engine-failure.ts";
import { LineReader } from "../line-reader.ts";
import { grammarRefusal } from "../llama-cli/output.ts";
import { llamaServerArguments, serverHost } from "./arguments.ts";
import { LlamaServerClient } from "./client.ts";

/** A llama-server that has loaded its model. */
export interface LlamaServerProcess {
  readonly client: LlamaServerClient;
  /** From its start until it was ready, in milliseconds. */
  readonly loadMs: number;
  /** Settles when it is gone; never rejects. */
  readonly exit: Promise<ChildExit>;
  /** How often it has reported a grammar that it cannot use, and goes on without. */
  grammarRefusals(): number;
}

/** Time between two readiness checks, in milliseconds; loading takes some hundreds. */
const readinessPollMs = 10;

/**
 * How long a start may take, and then an answer to a readiness check, in milliseconds. A file of a
 * gigabyte from a slow disk takes a minute; a server that needs over three hangs.
 */
const defaultPatience = { loadMs: 180_000, answerMs: 1000 };

/**
 * Starts llama-server and waits until it is ready.
 *
 * @param signal ends it, ready or not
 * @throws AppError `engine-*`, `model-*` when it ends before, or does not load
 */
export async function startLlamaServer(
  options: EngineOptions,
  signal: AbortSignal,
  patience = defaultPatience,
): Promise<LlamaServerProcess> {
  const port = await freePort(serverHost);
  const startedAt = options.now();
  let grammarRefusals = 0;
  const log = new LineReader((line) => {
    if (grammarRefusal.test(line)) grammarRefusals++;
  });
  const hung = new AbortController();
  const child = startChildProcess({
    ...options,
    file: options.program.path,
    args: llamaServerArguments(options, port),
    signal: AbortSignal.any([signal, hung.signal]),
    isBackground: true,
    onStderr: (bytes) => log.push(bytes),
  });
  void drain(child.stdout);
  const client = new LlamaServerClient(port);
  if (!(await isLoaded(options, client, child.exit, patience))) {
    hung.abort();
    await child.exit;
    const message = `the engine has not loaded the model in ${patience.loadMs / 1000} s and was stopped`;
    throw new AppError("engine-unavailable", message);
  }
  return {
    client,
    loadMs: options.now() - startedAt,
    exit: child.exit,
    grammarRefusals: () => grammarRefusals,
  };
}

/** A TCP port of this machine that nothing listens on. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Its log goes nowhere, but a full pipe would stop it. */
async function drain(stdout: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stdout);
}

/** Waits until the server has loaded; false when it has not in time. */
async function isLoaded(
  { now, program }: EngineOptions,
  client: LlamaServerClient,
  exit: Promise<ChildExit>,
  { loadMs, answerMs }: typeof defaultPatience,
): Promise<boolean> {
  let ended: ChildExit | undefined;
  void exit.then((how) => {
    ended = how;
  });
  const longestCheckMs = answerMs + readinessPollMs;
  for (let waitedMs = 0; waitedMs < loadMs; ) {
    const checkedAt = now();
    // Before it listens the connection is refused.
    const isReady = await client.isReady(AbortSignal.timeout(answerMs)).catch(() => false);
    if (ended !== undefined) {
      throw engineFailure({ ...ended, hasPrompt: false }, program.variable);
    }
    if (isReady) return true;
    await Promise.race([sleep(readinessPollMs), exit]);
    // While Lambda freezes the environment, the server cannot load: that time does not count.
    waitedMs += Math.min(now() - checkedAt, longestCheckMs);
  }
  return false;
}
