import { fillTables } from "../../../../../scripts/lab/docs/fill-tables.ts";

const place = (name: string, content: string) =>
  `<!-- table: ${name} -->\n${content}<!-- end of table -->`;

describe("fillTables", () => {
  it("replaces each table and leaves the rest", () => {
    const page = `a\n${place("one", "old\n")}\nb\n${place("two", "")}\nc`;

    expect(fillTables(page, { one: "1", two: "$&" })).toBe(
      `a\n${place("one", "\n1\n\n")}\nb\n${place("two", "\n$&\n\n")}\nc`,
    );
  });

  it("changes nothing the second time", () => {
    const once = fillTables(place("one", ""), { one: "1" });

    expect(fillTables(once, { one: "1" })).toBe(once);
  });

  it("refuses an unknown table", () => {
    expect(() => fillTables(place("x", ""), { one: "" })).toThrow(
      "no table is called x; there are one",
    );
  });
});
