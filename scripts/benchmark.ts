import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../runtime/config.ts";
import { engineEnvironment } from "../runtime/engine/engine-options.ts";
import { llamaCliArguments } from "../runtime/engine/llama-cli-arguments.ts";
import { threadsFor } from "../runtime/lambda-sizing.ts";
import { parseRequest } from "../runtime/request.ts";
import { loadLocalRuntime } from "./local-runtime.ts";
import { spreadOf, spreadText } from "./statistics.ts";

// `make bench`: what the handler adds to the engine process's own wall time, the two run in turn,
// and what the bundle costs to load. ROUNDS says how often (default 40).

const rounds = Number(process.env.ROUNDS || 40);
const body = { prompt: "User: Hello\n\nAssistant:", n_predict: 16, temperature: 0, seed: 1 };
process.env.BITNET_LOG_LEVEL ??= "error";

const runtime = await loadLocalRuntime();
console.log(`engine ${runtime.engineName}, model ${runtime.modelName}, ${rounds} rounds in turn`);
console.log("median (10th to 90th percentile), milliseconds\n");

const alone: number[] = [];
const handled: number[] = [];
for (let round = -3; round < rounds; round++) {
  const isOdd = round % 2 !== 0;
  const first = isOdd ? await timed(runHandler) : await timed(runEngineAlone);
  const second = isOdd ? await timed(runEngineAlone) : await timed(runHandler);
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.max(0, round + 1)}/${rounds} `);
  if (round < 0) continue;
  alone.push(isOdd ? second : first);
  handled.push(isOdd ? first : second);
}
if (process.stderr.isTTY) process.stderr.write("\r");
const added = handled.map((time, index) => time - (alone[index] ?? Number.NaN));
console.log(`engine process alone   ${spreadText(spreadOf(alone))}`);
console.log(`through the handler    ${spreadText(spreadOf(handled))}`);
console.log(`added by the handler   ${spreadText(spreadOf(added), 2)}\n`);

const bundle = "dist/handler/handler.mjs";
const loads = Array.from({ length: 15 }, () => importTime(bundle));
console.log(`bundle size            ${(statSync(bundle).size / 1024).toFixed(0)} KiB`);
console.log(`bundle import          ${spreadText(spreadOf(loads))}`);

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function runHandler(): Promise<void> {
  const { statusCode, body: answer } = await runtime.invoke(body);
  if (statusCode !== 200) throw new Error(answer);
}

/** The same command line and the same input without anything of ours around it. */
async function runEngineAlone(): Promise<void> {
  const config = parseConfig(process.env);
  const threads = threadsFor({ ...config, visibleCpus: availableParallelism() });
  const request = parseRequest(body, () => 1);
  const folder = mkdtempSync(join(tmpdir(), "bitnet-bench-"));
  const path = join(folder, "prompt");
  writeFileSync(path, request.prompt);
  const input = openSync(path, "r");
  const child = spawn(config.llamaCliPath, llamaCliArguments(request, { ...config, threads }), {
    env: engineEnvironment(process.env),
    stdio: [input, "pipe", "pipe"],
  });
  child.stdout?.resume();
  child.stderr?.resume();
  const [exitCode] = await once(child, "close");
  closeSync(input);
  rmSync(folder, { recursive: true });
  if (exitCode !== 0) throw new Error(`the engine ended with exit code ${exitCode}`);
}

/** Milliseconds that a fresh Node takes to import a module, its own start left out. */
function importTime(path: string): number {
  const source = `const t = performance.now(); await import(${JSON.stringify(join(process.cwd(), path))}); console.log(performance.now() - t);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", source]).toString());
}
