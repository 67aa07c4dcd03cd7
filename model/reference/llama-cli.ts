/**
 * The reference engine as a program that takes the command line of llama-cli as the runtime writes
 * it: prompt in, text out, counts and timings on stderr. Bundled into one executable file.
 */
import { readFileSync } from "node:fs";
import { runLlamaCli } from "./llama-cli-run.ts";

/** What a shell reports for a program that SIGPIPE ended. */
const brokenPipeExitCode = 141;

// The reader has closed the pipe.
process.stdout.on("error", () => process.exit(brokenPipeExitCode));

process.exitCode = await runLlamaCli(process.argv.slice(2), {
  readFile: (path) => readFileSync(path),
  writeOutput: (bytes) =>
    new Promise((resolve) => {
      process.stdout.write(bytes, () => resolve());
    }),
  writeError: (text) => {
    process.stderr.write(text);
  },
});
