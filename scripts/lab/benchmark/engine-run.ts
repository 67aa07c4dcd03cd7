import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../../runtime/engine/child-process.ts";
import { LlamaCliStatisticsReader } from "../../../runtime/engine/llama-cli/output.ts";
import type { Figures } from "./in-turn.ts";
import { watchPeakMemory } from "./peak-memory.ts";

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
 * output, `tokens_per_second` of decoding and `load_ms` as it reports them, `peak_mib`.
 *
 * @throws Error with the end of its stderr when it fails
 */
export async function runEngineAlone(run: EngineRun): Promise<Figures | undefined> {
  const path = join(run.folder, "prompt");
  writeFileSync(path, run.prompt);
  const input = openSync(path, "r");
  const statistics = new LlamaCliStatisticsReader();
  let firstMs: number | undefined;
  let stderr = "";

  const startedAt = performance.now();
  const child = spawn(run.file, run.args, {
    env: engineEnvironment(process.env),
    stdio: [input, "pipe", "pipe"],
  });
  const peak = run.watchesMemory ? watchPeakMemory(child.pid) : undefined;
  child.stdout?.on("data", () => {
    firstMs ??= performance.now() - startedAt;
  });
  child.stderr?.on("data", (bytes: Buffer) => {
    statistics.push(bytes);
    stderr = `${stderr}${bytes}`.slice(-2000);
  });
  const [exitCode] = await once(child, "close");
  const totalMs = performance.now() - startedAt;
  const peakMib = peak?.stop();
  closeSync(input);
  if (exitCode !== 0) throw new Error(`the engine ended with exit code ${exitCode}:\n${stderr}`);

  const { predictedTokens, predictedTokensPerSecond, promptTokensPerSecond, loadMs } =
    statistics.end();
  if (run.tokens !== undefined && predictedTokens !== run.tokens) return undefined;
  return {
    total_ms: totalMs,
    ...figure("first_token_ms", firstMs),
    ...figure("tokens_per_second", predictedTokensPerSecond),
    ...figure("prompt_tokens_per_second", promptTokensPerSecond),
    ...figure("load_ms", loadMs),
    ...figure("peak_mib", peakMib),
  };
}

function figure(name: string, value: number | null | undefined): Figures {
  return value === null || value === undefined ? {} : { [name]: value };
}
