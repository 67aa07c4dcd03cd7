import { createStarts } from "../../../runtime/start.ts";

describe("the start of a request", () => {
  it.each([
    ["on-demand", false],
    ["provisioned-concurrency", false],
    ["snap-start", true],
    [undefined, false],
  ])("after %s is cold for the first; restored: %s", (initializationType, isRestored) => {
    const nextStart = createStarts(initializationType);

    const starts = [nextStart(), nextStart()];

    expect(starts).toEqual([
      { isColdStart: true, isRestored },
      { isColdStart: false, isRestored: false },
    ]);
  });
});
