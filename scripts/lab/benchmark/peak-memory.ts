import { readFileSync } from "node:fs";

/** Between two looks, in milliseconds: the kernel keeps the peak, so only the last look counts. */
const pollMs = 5;

/** Watches the most memory that a process ever had resident. */
export interface PeakMemory {
  /** Ends the watch. MiB; `undefined` where the kernel does not tell, or it was gone too soon. */
  stop(): number | undefined;
}

/** Watches a process by Linux's `VmHWM`; elsewhere it finds nothing. */
export function watchPeakMemory(pid: number | undefined): PeakMemory {
  let peak: number | undefined;
  const look = () => {
    peak = peakOf(pid) ?? peak;
  };
  look();
  const timer = setInterval(look, pollMs);
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
