/** Ends the run with exit code 1; `message` is llama-cli's, all lines of it. */
export class RunError extends Error {
  override readonly name = "RunError";
}
