import {
  deepestJson,
  mostJsonValues,
  parseJson,
  requireBounds,
} from "../../../../runtime/request/json.ts";

describe("parseJson", () => {
  it.each([
    ["", "body: is empty; send a JSON object"],
    ["  \n", "body: is empty; send a JSON object"],
    ['{"a":1,}', "body: is not valid JSON (at character 7)"],
    [`{"prompt": ${"secret".repeat(20)}}`, "body: is not valid JSON"],
    ["secret", "body: is not valid JSON"],
    ['{"prompt": "secret', "body: is not valid JSON"],
    ["[secret]", "body: is not valid JSON"],
  ])("tells what is wrong with %j, and never quotes it", (text, message) => {
    const parse = () => parseJson(text, "body");

    expect(parse).toThrow(expect.objectContaining({ kind: "request-invalid" }));
    expect(parse).toThrow(message);
    expect(parse).not.toThrow("secret");
  });
});

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), []);

describe("requireBounds", () => {
  it.each([
    ["text", "x"],
    ["null", null],
    ["an object", { a: [1, { b: null }], ["__proto__"]: 1 }],
    ["lists as deep as they may be", nested(deepestJson - 1)],
    ["as many values as there may be", Array(mostJsonValues).fill(1)],
  ])("accepts %s", (_name, value) => {
    expect(requireBounds(value, "event")).toBe(value);
  });

  it("refuses what is nested deeper, however much", () => {
    const message = `event: is nested deeper than ${deepestJson}`;

    expect(() => requireBounds(nested(deepestJson), "event")).toThrow(message);
    expect(() => requireBounds(nested(100_000), "event")).toThrow(message);
  });

  it.each([
    ["in one list", Array(mostJsonValues + 1).fill(1)],
    ["in one object", { ...Array(mostJsonValues + 1).fill(1) }],
    ["in many lists", Array(mostJsonValues / 2 + 1).fill([1])],
  ])("refuses more values, %s", (_name, value) => {
    expect(() => requireBounds(value, "event")).toThrow(
      `event: holds more than ${mostJsonValues} values; send fewer messages or a smaller schema`,
    );
  });
});
