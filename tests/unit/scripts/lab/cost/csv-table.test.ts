import fc from "fast-check";
import { parseCsv } from "../../../../../scripts/lab/cost/csv-table.ts";

describe("parseCsv", () => {
  it.each([
    [
      "lines of either kind",
      "a,b\r\n1,2\n3,4",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["quotes around commas, quotes and breaks", 'a,b\n"1,\n""x""",2\n', [['1,\n"x"', "2"]]],
    ["a row that is too short", "a,b\n1\n", [["1", ""]]],
    ["empty lines", "a,b\n\n1,2\n\n", [["1", "2"]]],
    ["an empty cell at the end", "a,b\n1,\n", [["1", ""]]],
    ["a mark of byte order, blanks around names", "\uFEFFa , b\n1,2", [["1", "2"]]],
    ["nothing", "", []],
  ])("reads %s", (_name, text, cells) => {
    expect(parseCsv(text).rows.map(({ cells: { a, b } }) => [a, b])).toEqual(cells);
  });

  it("knows the line that each row begins in", () => {
    const { rows } = parseCsv('a\n"x\ny"\n\nz\n');

    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });

  it.each(['a\n"x', 'a\nx"y"\n', 'a\n"x"y\n'])("does not guess what %j means", (text) => {
    expect(() => parseCsv(text)).toThrow(/^line 2: /);
  });

  it("reads back whatever is written by the rules", () => {
    const row = fc.tuple(fc.string(), fc.string()).filter(([a, b]) => `${a}${b}` !== "");
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const text = ["a,b", ...rows.map((cells) => cells.map(quoted).join(","))].join("\n");

        expect(parseCsv(text).rows.map(({ cells }) => [cells.a, cells.b])).toEqual(rows);
      }),
    );
  });
});
