import { sourceDocs } from "../../../../../scripts/lab/docs/source-docs.ts";

describe("sourceDocs", () => {
  it.each([
    ["a line", "/** The name. */\n  name: 1,", [["name", "The name."]]],
    ["lines", "/**\n   * The name\n   * of it.\n   */\n  name: 1,", [["name", "The name of it."]]],
    ["a star inside", "/** 2 * 3. */ six: 6,", [["six", "2 * 3."]]],
    [
      "several",
      "/** A. */ a: 1,\n/** B. */\nb: 2,",
      [
        ["a", "A."],
        ["b", "B."],
      ],
    ],
    ["the first of two", "/** A. */ a: 1, /** B. */ a: 2,", [["a", "A."]]],
    ["a member without", "a: 1, /** B. */ b: 2,", [["b", "B."]]],
    ["what is no member", "/** A. */\nconst a = 1;", []],
  ])("%s", (_name, source, docs) => {
    expect([...sourceDocs(source)]).toEqual(docs);
  });
});
