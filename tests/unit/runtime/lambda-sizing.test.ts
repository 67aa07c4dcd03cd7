import {
  cpusOfMemory,
  largestContext,
  memoryForContext,
  threadsFor,
} from "../../../runtime/lambda-sizing.ts";

describe("threadsFor", () => {
  it.each([
    [128, 1],
    [1769, 1],
    [2048, 1],
    [2653, 1],
    [2654, 2],
    [3008, 2],
    [3538, 2],
    [5307, 3],
    [7076, 4],
    [8845, 5],
    [10240, 6],
  ])("gives a function of %d MB %d threads", (memoryMiB, threads) => {
    expect(threadsFor({ threads: undefined, memoryMiB, visibleCpus: 64 })).toBe(threads);
  });

  it.each([
    ["the machine shows fewer", { threads: undefined, memoryMiB: 10240, visibleCpus: 2 }, 2],
    ["it runs outside Lambda", { threads: undefined, memoryMiB: undefined, visibleCpus: 4 }, 4],
    ["it is told", { threads: 3, memoryMiB: 1769, visibleCpus: 2 }, 3],
  ])("when %s", (_name, inputs, threads) => {
    expect(threadsFor(inputs)).toBe(threads);
  });
});

describe("cpusOfMemory", () => {
  it.each([
    [1769, 1],
    [10240, 10240 / 1769],
    [20480, 6],
  ])("%d MB", (memoryMiB, cpus) => {
    expect(cpusOfMemory(memoryMiB)).toBeCloseTo(cpus, 6);
  });
});

describe("largestContext and memoryForContext", () => {
  const q6k = 796_877_472;
  const f16 = 1_184_000_000;

  it.each([
    ["Q6_K", q6k, 1024, 1504],
    ["Q6_K", q6k, 1213, 4096],
    ["F16", f16, 1536, 3456],
    ["F16", f16, 1583, 4096],
    ["F16", f16, 1024, -3552],
  ])("an embedding of %s (%d bytes in all) at %d MB: %d tokens", (_name, bytes, memory, tokens) => {
    expect(largestContext(memory, bytes)).toBe(tokens);
  });

  it.each([q6k, f16])("agree for a model of %d bytes", (bytes) => {
    for (let tokens = 32; tokens <= 4096; tokens += 32) {
      const memory = memoryForContext(tokens, bytes);

      expect(largestContext(memory, bytes)).toBe(tokens);
      expect(largestContext(memory - 1, bytes)).toBeLessThan(tokens);
    }
  });
});
