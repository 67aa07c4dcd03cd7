import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../../runtime/engine/child-process.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import { LlamaCliStatisticsReader } from "../../../runtime/engine/llama-cli/output.ts";
import { parseRequest } from "../../../runtime/request/request.ts";
import { knownFigures } from "./bundled-handler.ts";
import { type Bench, threadsOf } from "./experiment.ts";
import type { Figures } from "./in-turn.ts";
import { type Question, requestFor } from "./question.ts";

/** A run of llama-cli, and what differs from the command line that the runtime would use. */
export interface Variation {
  readonly question: Question;
  readonly tokens: number;
  readonly modelPath?: string;
  readonly threads?: number;
  /** Flags with other values than the runtime's, or that it does not use. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly watchesMemory?: boolean;
}

/** Asks llama-cli with the runtime's own command line, except for what the variation changes. */
export function askEngine(bench: Bench, variation: Variation): Promise<Figures | undefined> {
  const { config, folder } = bench;
  const { question, tokens, flags = {}, watchesMemory = false } = variation;
  const request = parseRequest(requestFor(question, tokens), () => 0);
  const args = llamaCliArguments(request, {
    modelPath: variation.modelPath ?? config.modelPath,
    contextTokens: config.contextTokens,
    threads: variation.threads ?? threadsOf(bench),
  });
  return runEngineAlone({
    file: config.enginePaths["llama-cli"],
    args: withFlags(args, flags),
    prompt: question.prompt,
    folder,
    tokens,
    watchesMemory,
  });
}

/** Replaces the values of flags that are there, and appends the others. */
function withFlags(args: readonly string[], flags: Readonly<Record<string, string>>): string[] {
  const changed = [...args];
  for (const [flag, value] of Object.entries(flags)) {
    const at = changed.indexOf(flag);
    if (at >= 0) changed[at + 1] = value;
    else changed.push(...(value === "" ? [flag] : [flag, value]));
  }
  return changed;
}

/** A run of llama-cli without the handler. */
interface EngineRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly prompt: string;
  /** Folder for the file that the prompt is read from. */
  readonly folder: string;
  /** Number of tokens that it must generate to count. */
  readonly tokens?: number;
  /** Default: false, because watching a process's memory takes a little time. */
  readonly watchesMemory?: boolean;
}

/**
 * Runs the engine to its end. Figures: `total_ms` of the process, `first_token_ms` until its first
 * output, `tokens_per_second` of decoding as it reports it, `peak_mib`.
 *
 * @throws Error with the end of its stderr when it fails
 */
export async function runEngineAlone(run: EngineRun): Promise<Figures | undefined> {
  const path = join(run.folder, "prompt");
  writeFileSync(path, run.prompt);
  const input = openSync(path, "r");
  const reader = new LlamaCliStatisticsReader();
  let firstMs: number | undefined;
  let stderr = "";

  const startedAt = performance.now();
  const child = spawn(run.file, run.args, {
    env: engineEnvironment(process.env),
    stdio: [input, "pipe", "pipe"],
  });
  const stopWatch = run.watchesMemory ? watchPeakMemory(child.pid) : undefined;
  child.stdout?.on("data", () => {
    firstMs ??= performance.now() - startedAt;
  });
  child.stderr?.on("data", (bytes: Buffer) => {
    reader.push(bytes);
    stderr = `${stderr}${bytes}`.slice(-2000);
  });
  const [exitCode] = await once(child, "close");
  const totalMs = performance.now() - startedAt;
  const peakMib = stopWatch?.();
  closeSync(input);
  if (exitCode !== 0) throw new Error(`the engine ended with exit code ${exitCode}:\n${stderr}`);

  const statistics = reader.end();
  if (run.tokens !== undefined && statistics.predictedTokens !== run.tokens) return undefined;
  return knownFigures({
    total_ms: totalMs,
    first_token_ms: firstMs,
    tokens_per_second: statistics.predictedTokensPerSecond,
    prompt_tokens_per_second: statistics.promptTokensPerSecond,
    peak_mib: peakMib,
  });
}

/** Milliseconds between two reads; the kernel keeps the peak, so only the last one counts. */
const pollMs = 5;

/** Watches Linux's `VmHWM`; the returned function ends that. MiB; `undefined` without `/proc`. */
function watchPeakMemory(pid: number | undefined): () => number | undefined {
  let peak: number | undefined;
  const read = () => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      if (kib !== undefined) peak = Number(kib) / 1024;
    } catch {
      // The process has ended, or this is not Linux.
    }
  };
  read();
  const timer = setInterval(read, pollMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
