import {
  measureMemoryBandwidth,
  readTogether,
} from "../../../../../scripts/lab/benchmark/memory-bandwidth.ts";

describe("the memory's bandwidth", () => {
  it("is measured by readers that read at the same time, for as long as they are told", async () => {
    const readings = await readTogether(3, 500);

    const starts = readings.map(({ startedMs }) => startedMs);
    expect(readings).toHaveLength(3);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(250);
    for (const { startedMs, endedMs, bytes } of readings) {
      expect(endedMs - startedMs).toBeGreaterThanOrEqual(500);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it("is what is read in a second", async () => {
    const startedAt = performance.now();

    const gbPerSecond = await measureMemoryBandwidth(1);

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(gbPerSecond).toBeGreaterThan(0.1);
  });
});
