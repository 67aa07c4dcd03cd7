import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of what was recorded from the pinned engine. */
export const recordedFolder = join(import.meta.dirname, "../fixtures/recorded");

/** One recorded run of llama-cli. */
export interface Transcript {
  readonly case: string;
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout_base64?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Every recorded run of llama-cli. */
export const transcripts: readonly Transcript[] = JSON.parse(
  readFileSync(join(recordedFolder, "llama-cli-transcripts-01eb415.json"), "utf8"),
).cases;

/** One recorded run by its name. */
export function transcript(name: string): Transcript & { stdout: string; stderr: string } {
  const found = transcripts.find((candidate) => candidate.case === name);
  if (found?.stdout === undefined || found.stderr === undefined) throw new Error(`no case ${name}`);
  return { ...found, stdout: found.stdout, stderr: found.stderr };
}

/** One recorded exchange with llama-server. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Every recorded exchange with llama-server, in the order of recording, by its name. */
export const exchanges: Readonly<Record<string, Exchange>> = JSON.parse(
  readFileSync(join(recordedFolder, "llama-server-transcripts-01eb415.json"), "utf8"),
).cases;

/** Grammars by what the pinned llama-cli did with them. */
export const recordedGrammars: Readonly<Record<"used" | "refused" | "crashed", readonly string[]>> =
  JSON.parse(readFileSync(join(recordedFolder, "grammars-01eb415.json"), "utf8"));
