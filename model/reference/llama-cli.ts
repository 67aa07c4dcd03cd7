/**
 * The reference engine as a program with llama-cli's command line: prompt in, text out, counts and
 * timings on stderr. Bundled into one executable file; `--help` lists its flags.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { runLlamaCli } from "./llama-cli-run.ts";
import { replaceFile } from "./replace-file.ts";

/** What a shell reports for a program that SIGPIPE ended. */
const BROKEN_PIPE_EXIT_CODE = 141;

let isInterrupted = false;
process.once("SIGINT", () => {
  isInterrupted = true;
});
// The reader has gone: nobody is left to generate for.
process.stdout.on("error", () => process.exit(BROKEN_PIPE_EXIT_CODE));

process.exitCode = await runLlamaCli(process.argv.slice(2), {
  readFile: (path) => readFileSync(path),
  replaceFile,
  writeOutput: (bytes) =>
    new Promise((resolve) => {
      process.stdout.write(bytes, () => resolve());
    }),
  writeError: (text) => {
    process.stderr.write(text);
  },
  now: () => performance.now(),
  randomSeed: () => randomInt(2 ** 32 - 1),
  pause: () => new Promise((resolve) => setImmediate(resolve)),
  isInterrupted: () => isInterrupted,
});
