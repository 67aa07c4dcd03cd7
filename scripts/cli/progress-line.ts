/** How far something is. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Bytes that were there before: they do not count for the rate. */
  readonly startBytes: number;
  readonly elapsedMs: number;
}

/** Characters of the bar. */
const barWidth = 24;

/** One line: bar, share, sizes, rate, time left. `columns`: the terminal's width. */
export function progressLine(progress: Progress, columns: number): string {
  const { doneBytes, totalBytes, startBytes, elapsedMs } = progress;
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const bytesPerMs = elapsedMs > 0 ? (doneBytes - startBytes) / elapsedMs : 0;
  const parts = [
    `${"█".repeat(Math.floor(share * barWidth)).padEnd(barWidth, "░")}`,
    `${Math.floor(share * 100)}`.padStart(3).concat(" %"),
    `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`,
    `${(bytesPerMs / 1000).toFixed(1)} MB/s`,
    bytesPerMs > 0 ? `${duration((totalBytes - doneBytes) / bytesPerMs)} left` : "",
  ];
  return parts.join("  ").trimEnd().slice(0, columns);
}

/** Milliseconds as `1 h 02 min`, `3 min 05 s` or `12 s`. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
