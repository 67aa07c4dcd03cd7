import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runLlamaCli } from "../../../../model/reference/llama-cli-run.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

/** The model of random weights, whose answers were recorded. */
export const randomModel = join(recordedFolder, "random-tiny.gguf");

/** Runs the reference engine's command line inside the test, with a prompt on standard input. */
export async function runLlamaCliForTest(args: readonly string[], prompt: string | Buffer = "") {
  const stdout: Buffer[] = [];
  const stderr: string[] = [];
  const exitCode = await runLlamaCli(["--binary-file", "/dev/stdin", ...args], {
    readFile: (path) => (path === "/dev/stdin" ? Buffer.from(prompt) : readFileSync(path)),
    writeOutput: async (bytes) => void stdout.push(Buffer.from(bytes)),
    writeError: (text) => void stderr.push(text),
  });
  return { exitCode, stdout: Buffer.concat(stdout), stderr: stderr.join("") };
}
