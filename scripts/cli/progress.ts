import { progressLine } from "./progress-line.ts";

/** Time between two drawings of the bar, in milliseconds. */
const redrawMs = 200;

/**
 * Shows how far a download is: on a terminal one line drawn anew, elsewhere a line for each tenth.
 *
 * @returns call it with the bytes that are there, and `end` when all is done
 */
export function startProgress(totalBytes: number, output: NodeJS.WriteStream) {
  const startedAt = performance.now();
  let startBytes: number | undefined;
  let drawnAt = 0;
  let tenths = -1;
  const line = (doneBytes: number) => {
    const elapsedMs = performance.now() - startedAt;
    const progress = { doneBytes, totalBytes, startBytes: startBytes ?? 0, elapsedMs };
    return progressLine(progress, (output.columns ?? 81) - 1);
  };
  return {
    update(doneBytes: number) {
      startBytes ??= doneBytes;
      const now = performance.now();
      const isTenth = Math.floor((doneBytes / totalBytes) * 10) > tenths;
      if (output.isTTY && (now - drawnAt > redrawMs || doneBytes === totalBytes)) {
        drawnAt = now;
        output.write(`\r${line(doneBytes)}\x1b[K`);
      } else if (!output.isTTY && isTenth) {
        tenths = Math.floor((doneBytes / totalBytes) * 10);
        output.write(`${line(doneBytes)}\n`);
      }
    },
    end() {
      if (output.isTTY && drawnAt > 0) output.write("\n");
    },
  };
}
