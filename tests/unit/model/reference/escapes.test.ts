import { processEscapes } from "../../../../model/reference/escapes.ts";

describe("processEscapes", () => {
  it.each([
    { text: "a\\nb", expected: "a\nb" },
    { text: "\\r\\t\\'\\\"", expected: "\r\t'\"" },
    { text: "\\\\n", expected: "\\n" },
    { text: "\\\\\\n", expected: "\\\n" },
    { text: "\\x41\\x7a", expected: "Az" },
    { text: "\\xe2\\x82\\xac", expected: "€" },
    { text: "\\x4", expected: "\\x4" },
    { text: "\\xzz", expected: "\\xzz" },
    { text: "\\q", expected: "\\q" },
    { text: "end\\", expected: "end\\" },
    { text: "日本 ünchanged", expected: "日本 ünchanged" },
  ])("makes $expected of $text", ({ text, expected }) => {
    expect(processEscapes(Buffer.from(text)).toString()).toBe(expected);
  });
});
