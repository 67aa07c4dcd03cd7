/**
 * Memory → vCPU → threads. A function gets CPU in proportion to its memory: one vCPU at 1,769 MB,
 * six at 10,240 MB.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (read 2026-11).
 */
const memoryMiBPerCpu = 1769;
const maximumCpus = 6;

/** vCPUs (a fraction below 1,769 MB) that a Lambda function of this memory size is given. */
export function cpusOfMemory(memoryMiB: number): number {
  return Math.min(maximumCpus, memoryMiB / memoryMiBPerCpu);
}

/** What the number of engine threads depends on. */
export interface ThreadInputs {
  /** What the deployer asks for; wins over everything. */
  readonly threads: number | undefined;
  /** Function memory in MiB; `undefined` outside Lambda. */
  readonly memoryMiB: number | undefined;
  /** CPUs the operating system shows. */
  readonly visibleCpus: number;
}

/**
 * Engine threads: as many as the function has whole vCPUs (rounded), never more than the machine
 * shows, because llama.cpp's threads wait for each other by spinning: one thread too many made
 * decoding over 100 times slower (22 → 0.18 tokens/s, `bitnet-facts.md` §0.3).
 */
export function threadsFor({ threads, memoryMiB, visibleCpus }: ThreadInputs): number {
  if (threads !== undefined) return threads;
  const granted = memoryMiB === undefined ? visibleCpus : Math.round(cpusOfMemory(memoryMiB));
  return Math.max(1, Math.min(granted, visibleCpus));
}
