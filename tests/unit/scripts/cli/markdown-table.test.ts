import { markdownTable } from "../../../../scripts/cli/markdown-table.ts";

describe("markdownTable", () => {
  it("draws head, rule and rows, and escapes what would end a cell", () => {
    expect(
      markdownTable(
        ["a", ""],
        [
          ["1|2", ""],
          ["3", "4"],
        ],
      ),
    ).toBe(["| a | |", "|---|---|", "| 1\\|2 | |", "| 3 | 4 |"].join("\n"));
  });
});
