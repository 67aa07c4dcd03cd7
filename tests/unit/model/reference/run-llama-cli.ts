import { readFileSync } from "node:fs";
import { runLlamaCli } from "../../../../model/reference/llama-cli-run.ts";
import { replaceFile } from "../../../../model/reference/replace-file.ts";

/** What a run of the command line left behind. */
export interface FinishedRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs the reference engine's command line inside the test. Time stands still, so that every
 * duration is 0; `files` are found before the real ones; the run is interrupted at the
 * `interruptAt`-th token.
 */
export async function runLlamaCliForTest(
  args: readonly string[],
  {
    files = {},
    interruptAt = Number.POSITIVE_INFINITY,
  }: { files?: Readonly<Record<string, string>>; interruptAt?: number } = {},
): Promise<FinishedRun> {
  const stdout: Uint8Array[] = [];
  const stderr: string[] = [];
  let pauses = 0;
  const exitCode = await runLlamaCli(args, {
    readFile: (path) => (path in files ? Buffer.from(files[path] ?? "") : readFileSync(path)),
    replaceFile,
    writeOutput: async (bytes) => void stdout.push(bytes),
    writeError: (text) => void stderr.push(text),
    now: () => 0,
    randomSeed: () => 12345,
    pause: async () => void pauses++,
    isInterrupted: () => pauses >= interruptAt,
  });
  return { exitCode, stdout: Buffer.concat(stdout), stderr: stderr.join("") };
}
