import { Worker } from "node:worker_threads";

/** Bytes that each thread reads over and over: far more than any cache holds. */
const bufferBytes = 256 * 1024 * 1024;

/** Times that each thread reads them. */
const passes = 4;

/**
 * Bytes a second that so many threads read from memory together: each looks through a buffer of its
 * own for a byte that is not in it, which the C library does as fast as memory delivers.
 *
 * @returns GB/s, 10^9 bytes
 */
export async function measureMemoryBandwidth(threads: number): Promise<number> {
  const workers = Array.from({ length: threads }, () => startReader());
  await Promise.all(workers.map(({ ready }) => ready));
  const seconds = await Promise.all(workers.map(({ read }) => read()));
  await Promise.all(workers.map(({ worker }) => worker.terminate()));
  return (threads * passes * bufferBytes) / Math.max(...seconds) / 1e9;
}

function startReader() {
  const worker = new Worker(reader, { eval: true });
  const nextMessage = () =>
    new Promise<number>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  return {
    worker,
    ready: nextMessage(),
    read() {
      const seconds = nextMessage();
      worker.postMessage("read");
      return seconds;
    },
  };
}

/** Runs in the worker. Filled, so that every page is there. */
const reader = `
  const { parentPort } = require("node:worker_threads");
  const buffer = Buffer.alloc(${bufferBytes}, 1);
  parentPort.once("message", () => {
    const startedAt = performance.now();
    for (let pass = 0; pass < ${passes}; pass++) {
      if (buffer.indexOf(2) !== -1) throw new Error("found what is not there");
    }
    parentPort.postMessage((performance.now() - startedAt) / 1000);
  });
  parentPort.postMessage(0);
`;
