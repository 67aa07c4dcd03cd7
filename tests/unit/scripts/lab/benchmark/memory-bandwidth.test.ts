import {
  measureMemoryBandwidth,
  readTogether,
} from "../../../../../scripts/lab/benchmark/memory-bandwidth.ts";

describe("the memory's bandwidth", () => {
  it("is measured by readers that all read during the whole common time", async () => {
    const readings = await readTogether(3, 200);

    expect(readings).toHaveLength(3);
    for (const { startedMs, endedMs, bytes } of readings) {
      expect(startedMs).toBeLessThanOrEqual(0);
      expect(endedMs).toBeGreaterThanOrEqual(200);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it("takes a second or more, and counts what was read in it", async () => {
    const startedAt = performance.now();

    const gbPerSecond = await measureMemoryBandwidth(1);

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(gbPerSecond).toBeGreaterThan(0.1);
  });
});
