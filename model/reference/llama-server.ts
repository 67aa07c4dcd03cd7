/**
 * The reference engine as a program that takes the command line of llama-server as the runtime
 * writes it, and answers the runtime's requests. Bundled into one executable file.
 */
import { ProgramError } from "./command-line.ts";
import { runLlamaServer } from "./llama-server-run.ts";

const writeError = (text: string) => void process.stderr.write(text);

try {
  await runLlamaServer(process.argv.slice(2), writeError);
} catch (error) {
  if (!(error instanceof ProgramError)) throw error;
  writeError(`${error.message}\n`);
  process.exitCode = 1;
}
