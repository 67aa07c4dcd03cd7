import { logScanRows } from "../../../../../scripts/lab/faults/log-scan-rows.ts";

const scan = (lines: number, leaks: object[] = []) => JSON.stringify({ lines, texts: 3, leaks });
const leak = { line: "{}", test: "a.test.ts", found: "/a/b" };

describe("logScanRows", () => {
  it.each([
    ["as it must", scan(5)],
    ["not as it must", scan(0)],
    ["not as it must", scan(5, [leak])],
  ])("tells %s of %s", (outcome, text) => {
    expect(logScanRows(text, true)).toMatchObject([
      { outcome, figures: { "texts and keys": "3" } },
    ]);
  });

  it("tells what was found, and where", () => {
    const [row] = logScanRows(scan(5, [leak]), false);

    expect(row?.happened).toContain('"/a/b" in the line');
    expect(row?.happened).toContain("a.test.ts");
  });

  it("tells nothing of a few faults that logged nothing", () => {
    expect(logScanRows(scan(0), false)).toEqual([]);
  });
});
