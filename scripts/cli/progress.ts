/**
 * Shows the progress of a long write: on a terminal one line that is redrawn for each percent,
 * elsewhere a line for each tenth.
 *
 * @returns `update` takes the bytes written so far; call `end` after the last one
 */
export function startProgress(totalBytes: number, output: NodeJS.WriteStream) {
  const steps = output.isTTY ? 100 : 10;
  let shown = -1;
  return {
    update(doneBytes: number): void {
      const step = Math.floor((doneBytes / totalBytes) * steps);
      if (step === shown) return;
      shown = step;
      const text = `${String((100 * step) / steps).padStart(3)} %  ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
      output.write(output.isTTY ? `\r${text}` : `${text}\n`);
    },
    end(): void {
      if (output.isTTY && shown >= 0) output.write("\n");
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
