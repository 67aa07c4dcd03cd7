import fc from "fast-check";
import { duration, progressLine } from "../../../../scripts/cli/progress-line.ts";

describe("progressLine", () => {
  it("shows share, sizes, rate and time left", () => {
    const progress = { doneBytes: 500e6, totalBytes: 1000e6, startBytes: 0, elapsedMs: 50_000 };

    expect(progressLine(progress, 200)).toBe(
      "████████████░░░░░░░░░░░░   50 %  500 of 1000 MB  10.0 MB/s  50 s left",
    );
  });

  it("does not take what was there before for speed", () => {
    const progress = { doneBytes: 500e6, totalBytes: 1000e6, startBytes: 400e6, elapsedMs: 50_000 };

    expect(progressLine(progress, 200)).toContain("2.0 MB/s  4 min 10 s left");
  });

  it("promises nothing while nothing has come", () => {
    const progress = { doneBytes: 0, totalBytes: 1000e6, startBytes: 0, elapsedMs: 0 };

    expect(progressLine(progress, 200)).not.toContain("left");
  });

  it("fits into the terminal, whatever the numbers", () => {
    const number = fc.nat({ max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        number,
        fc.integer({ min: 20, max: 200 }),
        (a, b, c, d, columns) => {
          const progress = { doneBytes: a, totalBytes: b, startBytes: c, elapsedMs: d };
          expect(progressLine(progress, columns).length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [1, "1 s"],
    [59_000, "59 s"],
    [60_000, "1 min 00 s"],
    [3_599_000, "59 min 59 s"],
    [3_600_000, "1 h 00 min"],
    [7_380_000, "2 h 03 min"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
