import { readFileSync } from "node:fs";

/** Milliseconds between two reads; the kernel keeps the peak, so only the last one counts. */
const pollMs = 5;

/** A watch of a process's largest resident memory. */
interface PeakMemory {
  /** Ends the watch. MiB; `undefined` without `/proc`, or when the process ended too soon. */
  stop(): number | undefined;
}

/** Watches a process by Linux's `VmHWM`. */
export function watchPeakMemory(pid: number | undefined): PeakMemory {
  let peak: number | undefined;
  const read = () => {
    peak = peakOf(pid) ?? peak;
  };
  read();
  const timer = setInterval(read, pollMs);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
