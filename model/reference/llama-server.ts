/**
 * The reference engine as a program with llama-server's command line and its `POST /completion`.
 * Bundled into one executable file; `--help` lists its flags.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { runLlamaServer } from "./llama-server-run.ts";

const run = await runLlamaServer(process.argv.slice(2), {
  readFile: (path) => readFileSync(path),
  writeOutput: (text) => {
    process.stdout.write(text);
  },
  writeError: (text) => {
    process.stderr.write(text);
  },
  now: () => performance.now(),
  unixTime: () => Math.floor(Date.now() / 1000),
  randomSeed: () => randomInt(2 ** 32 - 1),
  pause: () => new Promise((resolve) => setImmediate(resolve)),
});
if ("exitCode" in run) process.exitCode = run.exitCode;
