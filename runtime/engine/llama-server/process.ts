import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors.ts";
import { type ChildExit, type RunningChild, startChildProcess } from "../child-process.ts";
import { engineFailure } from "../engine-failure.ts";
import { type EngineOptions, engineEnvironment } from "../engine-options.ts";
import { readLines } from "../line-reader.ts";
import { grammarRefusal } from "../llama-cli/output.ts";
import { llamaServerArguments, serverHost } from "./arguments.ts";
import { createLlamaServerClient, type LlamaServerClient } from "./client.ts";
import { freePort } from "./free-port.ts";

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

/** How long a start may take, in milliseconds. */
export interface StartPatience {
  /** Until it has loaded. */
  readonly loadMs: number;
  /** Until it answers a look at whether it has. */
  readonly answerMs: number;
}

/**
 * A file of a gigabyte from a slow disk takes a minute; a server that needs longer than three hangs,
 * and would let every request wait in vain.
 */
const defaultPatience: StartPatience = { loadMs: 180_000, answerMs: 1000 };

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
  const hung = new AbortController();
  const child = start(options, port, AbortSignal.any([signal, hung.signal]), (line) => {
    if (grammarRefusal.test(line)) grammarRefusals++;
  });
  void drain(child.stdout);
  const client = createLlamaServerClient(port);
  if (!(await isLoaded(client, child.exit, { ...patience, now: options.now }))) {
    hung.abort();
    await child.exit;
    const message = `the engine has not loaded the model in ${patience.loadMs / 1000} s, and was ended`;
    throw new AppError("engine-unavailable", message);
  }
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
  onLogLine: (line: string) => void,
): RunningChild {
  return startChildProcess({
    file: config.llamaServerPath,
    args: llamaServerArguments({ ...config, threads }, port),
    environment: engineEnvironment(environment),
    temporaryFolder,
    signal,
    killDelayMs: config.killDelayMs,
    isBackground: true,
    onStderr: readLines(onLogLine).push,
  });
}

/** Its log goes nowhere, but a full pipe would stop it. */
async function drain(stdout: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stdout);
}

/** Waits until it has loaded; tells whether it did. */
async function isLoaded(
  client: LlamaServerClient,
  exit: Promise<ChildExit>,
  { loadMs, answerMs, now }: StartPatience & Pick<EngineOptions, "now">,
): Promise<boolean> {
  let ended: ChildExit | undefined;
  void exit.then((how) => {
    ended = how;
  });
  const longestLookMs = answerMs + readinessPollMs;
  for (let waitedMs = 0; waitedMs < loadMs; ) {
    const lookedAt = now();
    // Before it listens the connection is refused.
    const isReady = await client.isReady(AbortSignal.timeout(answerMs)).catch(() => false);
    if (ended !== undefined) {
      throw engineFailure({ ...ended, hasPrompt: false }, "BITNET_LLAMA_SERVER");
    }
    if (isReady) return true;
    await Promise.race([sleep(readinessPollMs), exit]);
    // Time in which Lambda had frozen us all is none that it could have loaded in.
    waitedMs += Math.min(now() - lookedAt, longestLookMs);
  }
  return false;
}
