import {
  deepestJson,
  jsonProblem,
  mostJsonValues,
} from "../../../../runtime/request/json-bounds.ts";

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), []);

describe("jsonProblem", () => {
  it.each([
    ["text", "x"],
    ["null", null],
    ["an object", { a: [1, { b: null }], ["__proto__"]: 1 }],
    ["lists as deep as they may be", nested(deepestJson - 1)],
    ["as many values as there may be", Array(mostJsonValues).fill(1)],
  ])("finds nothing wrong with %s", (_name, value) => {
    expect(jsonProblem(value)).toBeUndefined();
  });

  it("finds what is nested deeper, however much", () => {
    const message = `is nested deeper than ${deepestJson}`;

    expect(jsonProblem(nested(deepestJson))).toBe(message);
    expect(jsonProblem(nested(100_000))).toBe(message);
  });

  it.each([
    ["in one list", Array(mostJsonValues + 1).fill(1)],
    [
      "in one object",
      Object.fromEntries(
        Array(mostJsonValues + 1)
          .fill(1)
          .entries(),
      ),
    ],
    ["in many lists", Array(mostJsonValues / 2 + 1).fill([1])],
  ])("finds more values than anybody needs, %s", (_name, value) => {
    expect(jsonProblem(value)).toBe(
      `holds more than ${mostJsonValues} values; send fewer messages or a smaller schema`,
    );
  });
});
