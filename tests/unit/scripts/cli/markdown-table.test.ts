import { markdownTable } from "../../../../scripts/cli/markdown-table.ts";

describe("markdownTable", () => {
  it("draws head, rule and rows, and escapes what would end a cell", () => {
    const table = markdownTable(["a", ""], [["1|2", ""], "34".split("")]);

    expect(table.split("\n")).toEqual(["| a | |", "|---|---|", "| 1\\|2 | |", "| 3 | 4 |"]);
  });
});
