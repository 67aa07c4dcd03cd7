/**
 * Writes one line of the log to standard error. A log that nobody reads any more (EPIPE), or whose
 * disk is full, is no reason to stop answering: the line is lost, and nothing else.
 */
export function writeLogLine(line: string): void {
  const { stderr } = process;
  if (!stderr.listeners("error").includes(ignoreLoss)) stderr.on("error", ignoreLoss);
  stderr.write(`${line}\n`);
}

function ignoreLoss(): void {
  // There is nowhere left to tell of it.
}
