import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runLlamaCli } from "../../../../model/reference/llama-cli-run.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

/** What a run of the command line left behind. */
export interface FinishedRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The model of random weights, whose answers were recorded. */
export const randomModel = join(recordedFolder, "random-tiny.gguf");

/**
 * Runs the reference engine's command line inside the test, with a prompt on standard input. Time
 * stands still, so that every duration is 0. The run is interrupted at the `interruptAt`-th token.
 */
export async function runLlamaCliForTest(
  args: readonly string[],
  {
    prompt = "",
    isPromptSent = true,
    interruptAt = Number.POSITIVE_INFINITY,
  }: { prompt?: string | Buffer; isPromptSent?: boolean; interruptAt?: number } = {},
): Promise<FinishedRun> {
  const stdout: Buffer[] = [];
  const stderr: string[] = [];
  let pauses = 0;
  const promptArgs = isPromptSent ? ["--binary-file", "/dev/stdin"] : [];
  const exitCode = await runLlamaCli([...args, ...promptArgs], {
    readFile: (path) => (path === "/dev/stdin" ? Buffer.from(prompt) : readFileSync(path)),
    writeOutput: async (bytes) => void stdout.push(Buffer.from(bytes)),
    writeError: (text) => void stderr.push(text),
    now: () => 0,
    pause: async () => void pauses++,
    isInterrupted: () => pauses >= interruptAt,
  });
  return { exitCode, stdout: Buffer.concat(stdout), stderr: stderr.join("") };
}
