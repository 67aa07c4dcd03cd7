import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Bytes that each thread reads over and over: far more than any cache holds. */
const bufferBytes = 256 * 1024 * 1024;

/** Bytes between two looks at the clock: about a millisecond. */
const chunkBytes = 16 * 1024 * 1024;

/** What one thread read, between two times of the system's monotonic clock. */
export interface Reading {
  readonly bytes: number;
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * GB/s (10^9 bytes) that this many threads read from memory at the same time. Each searches a buffer
 * of its own for a byte that is not in it, which the C library does as fast as memory delivers.
 */
export async function measureMemoryBandwidth(threads: number): Promise<number> {
  const readings = await readTogether(threads, 1000);
  return readings.reduce(
    (sum, { bytes, startedMs, endedMs }) => sum + bytes / (endedMs - startedMs) / 1e6,
    0,
  );
}

/** Lets threads read for so long, which begins for all when the last of them is ready. */
export async function readTogether(threads: number, forMs: number): Promise<Reading[]> {
  const ready = new Int32Array(new SharedArrayBuffer(8));
  const workerData = { ready, threads, forMs };
  const workers = Array.from(
    { length: threads },
    () => new Worker(reader, { eval: true, workerData }),
  );
  try {
    return await Promise.all(
      workers.map(async (worker) => ((await once(worker, "message")) as [Reading])[0]),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Runs in the worker. The buffer is filled and read once before, so that every page exists. */
const reader = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { ready, threads, forMs } = workerData;
  const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
  const buffer = Buffer.alloc(${bufferBytes}, 1);
  const read = (offset) => {
    if (buffer.subarray(offset, offset + ${chunkBytes}).includes(2)) throw new Error("misread");
  };
  read(0);
  if (Atomics.add(ready, 0, 1) + 1 === threads) {
    Atomics.store(ready, 1, 1);
    Atomics.notify(ready, 1);
  }
  Atomics.wait(ready, 1, 0);
  const startedMs = nowMs();
  let bytes = 0;
  while (nowMs() < startedMs + forMs) {
    read(bytes % ${bufferBytes});
    bytes += ${chunkBytes};
  }
  parentPort.postMessage({ bytes, startedMs, endedMs: nowMs() });
`;
