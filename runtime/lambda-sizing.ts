/**
 * CPU comes in proportion to memory: one vCPU at 1,769 MB, six at 10,240 MB.
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
 * Engine threads: the function's whole vCPUs (rounded), never more than the machine shows. llama.cpp's
 * threads spin: one too many made decoding over 100 times slower (22 → 0.18 tokens/s).
 */
export function threadsFor({ threads, memoryMiB, visibleCpus }: ThreadInputs): number {
  if (threads !== undefined) return threads;
  const granted = memoryMiB === undefined ? visibleCpus : Math.round(cpusOfMemory(memoryMiB));
  return Math.max(1, Math.min(granted, visibleCpus));
}

/**
 * Memory besides the model's file, measured with 2B4T's shape: the engine's peak was 850 MB with a
 * context of 512 and 1,113 MB with 4,096, for a file of 760 MiB. With less the kernel drops the model's
 * pages and reads them again, and decoding falls to a fifth of its speed.
 */
const memoryUse = {
  /** Keys and values of one token: 30 layers × 2 × 5 heads × 128 numbers of 2 bytes. */
  kibPerToken: 75,
  /** The engine's buffers. */
  engineMiB: 53,
  /** Node.js with the handler, and the system. */
  handlerMiB: 100,
} as const;

/** llama.cpp rounds a context up to a multiple of this. */
export const contextStep = 32;

/** The largest context, a multiple of {@link contextStep}, that a function's memory holds beside a model; may be negative. */
export function largestContext(memoryMiB: number, modelBytes: number): number {
  const freeMiB = memoryMiB - fixedMiB(modelBytes);
  return Math.floor((freeMiB * 1024) / memoryUse.kibPerToken / contextStep) * contextStep;
}

/** The memory in MiB, a whole number, that a context needs beside a model. */
export function memoryForContext(contextTokens: number, modelBytes: number): number {
  const steps = Math.ceil(contextTokens / contextStep);
  return Math.ceil(fixedMiB(modelBytes) + (steps * contextStep * memoryUse.kibPerToken) / 1024);
}

function fixedMiB(modelBytes: number): number {
  return memoryUse.handlerMiB + memoryUse.engineMiB + modelBytes / 1024 ** 2;
}
