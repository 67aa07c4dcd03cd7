import { Worker } from "node:worker_threads";

/** Bytes that each thread reads over and over: far more than any cache holds. */
const bufferBytes = 256 * 1024 * 1024;

/** Bytes between two looks at the clock: about a millisecond. */
const chunkBytes = 16 * 1024 * 1024;

/** Milliseconds for which all threads read. */
const commonMs = 1000;

/** What one thread read; times are relative to the beginning of the common time. */
export interface Reading {
  /** Bytes read in the common time. */
  readonly bytes: number;
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * GB/s (10^9 bytes) that this many threads read from memory at the same time. Each searches a buffer
 * of its own for a byte that is not in it, which the C library does as fast as memory delivers.
 */
export async function measureMemoryBandwidth(threads: number): Promise<number> {
  const readings = await readTogether(threads, commonMs);
  const bytes = readings.reduce((sum, reading) => sum + reading.bytes, 0);
  return bytes / (commonMs / 1000) / 1e9;
}

/**
 * Lets threads read for a common time, which begins when the last of them has read its first chunk
 * and before any of them stops.
 */
export async function readTogether(threads: number, forMs: number): Promise<Reading[]> {
  const shared = {
    reading: new Int32Array(new SharedArrayBuffer(4)),
    beginNs: new BigInt64Array(new SharedArrayBuffer(8)),
  };
  const workerData = { ...shared, threads, forNs: BigInt(forMs) * 1_000_000n };
  const workers = Array.from(
    { length: threads },
    () => new Worker(reader, { eval: true, workerData }),
  );
  try {
    return await Promise.all(workers.map(readingOf));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function readingOf(worker: Worker): Promise<Reading> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/**
 * Runs in the worker. The buffer is filled, so that every page exists. Of a chunk that is only partly
 * read in the common time, that part counts.
 */
const reader = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { reading, beginNs, threads, forNs } = workerData;
  const now = () => process.hrtime.bigint();
  const buffer = Buffer.alloc(${bufferBytes}, 1);
  const startedNs = now();
  let bytes = 0;
  let endedNs = startedNs;
  const read = (offset) => {
    const chunkNs = now();
    if (buffer.subarray(offset, offset + ${chunkBytes}).includes(2)) throw new Error("misread");
    endedNs = now();
    const begin = Atomics.load(beginNs, 0);
    if (begin === 0n) return;
    const from = chunkNs > begin ? chunkNs : begin;
    const until = endedNs < begin + forNs ? endedNs : begin + forNs;
    if (until > from) bytes += (${chunkBytes} * Number(until - from)) / Number(endedNs - chunkNs);
  };
  read(0);
  if (Atomics.add(reading, 0, 1) + 1 === threads) Atomics.store(beginNs, 0, now());
  for (let offset = 0; ; offset = (offset + ${chunkBytes}) % ${bufferBytes}) {
    read(offset);
    const begin = Atomics.load(beginNs, 0);
    if (begin === 0n || endedNs < begin + forNs) continue;
    const ms = (ns) => Number(ns - begin) / 1e6;
    parentPort.postMessage({ bytes, startedMs: ms(startedNs), endedMs: ms(endedNs) });
    break;
  }
`;
