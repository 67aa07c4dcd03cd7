import fc from "fast-check";
import { readJson } from "../../../../model/reference/json-reader.ts";
import { jsonText } from "../../../../model/reference/json-value.ts";

describe("readJson", () => {
  it("keeps the meaning of every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);

        expect(JSON.parse(jsonText(read(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    { text: '{"2":1,"1":[],"a":{}}', written: '{"2":1,"1":[],"a":{}}' },
    { text: " [ 1 , 1.0 , -0.0, 1e2 ] \r\n", written: "[1,1.0,-0.0,100.0]" },
    {
      text: "[1e15,1e14,1e-4,1e-5,123456.789]",
      written: "[1e+15,100000000000000.0,0.0001,1e-05,123456.789]",
    },
    {
      text: "[18446744073709551615,18446744073709551616]",
      written: "[18446744073709551615,1.8446744073709552e+19]",
    },
    { text: '"\\u00e9\\ud83d\\ude00\\/\\b"', written: '"é😀/\\b"' },
    { text: "\ufefftrue", written: "true" },
    { text: '{"a":1,"a":2}', written: '{"a":2}' },
  ])("reads $text", ({ text, written }) => {
    expect(jsonText(read(text))).toBe(written);
  });

  // The messages of nlohmann/json 3.11; the first is a recorded one.
  it.each([
    {
      text: "{nope",
      message:
        "[json.exception.parse_error.101] parse error at line 1, column 3: syntax error while parsing object key - invalid literal; last read: '{no'; expected string literal",
    },
    {
      text: "xyz",
      message:
        "line 1, column 1: syntax error while parsing value - invalid literal; last read: 'x'",
    },
    {
      text: "",
      message:
        "line 1, column 1: attempting to parse an empty input; check that your input string or stream contains the expected JSON",
    },
    {
      text: '{"a": tru}',
      message:
        "column 10: syntax error while parsing value - invalid literal; last read: '\"a\": tru}'",
    },
    {
      text: '{"a":1,}',
      message:
        "column 8: syntax error while parsing object key - unexpected '}'; expected string literal",
    },
    {
      text: '{"a" 1}',
      message:
        "column 6: syntax error while parsing object separator - unexpected number literal; expected ':'",
    },
    {
      text: "[1 2]",
      message:
        "column 4: syntax error while parsing array - unexpected number literal; expected ']'",
    },
    {
      text: "[1,\n 2,]",
      message:
        "line 2, column 4: syntax error while parsing value - unexpected ']'; expected '[', '{', or a literal",
    },
    {
      text: "{}{}",
      message: "column 3: syntax error while parsing value - unexpected '{'; expected end of input",
    },
    {
      text: "[1",
      message: "column 3: syntax error while parsing array - unexpected end of input; expected ']'",
    },
    { text: '"a', message: "invalid string: missing closing quote; last read: '\"a'" },
    {
      text: '"\t"',
      message:
        "invalid string: control character U+0009 (HT) must be escaped to \\u0009 or \\t; last read: '\"<U+0009>'",
    },
    {
      text: '"\\q"',
      message: "invalid string: forbidden character after backslash; last read: '\"\\q'",
    },
    { text: '"\\u12g4"', message: "invalid string: '\\u' must be followed by 4 hex digits" },
    { text: '"\\ud800"', message: "surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF" },
    { text: '"\\udc00"', message: "surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF" },
    { text: "-", message: "invalid number; expected digit after '-'" },
    { text: "1.", message: "invalid number; expected digit after '.'" },
    { text: "1ex", message: "invalid number; expected '+', '-', or digit after exponent" },
    { text: "1e+", message: "invalid number; expected digit after exponent sign" },
    {
      text: "01",
      message:
        "column 2: syntax error while parsing value - unexpected number literal; expected end of input",
    },
  ])("refuses $text in the words of the engine's library", ({ text, message }) => {
    expect(() => read(text)).toThrow(message);
  });

  it("refuses a string that is not UTF-8", () => {
    expect(() => readJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow("ill-formed UTF-8 byte");
  });
});

function read(text: string) {
  return readJson(Buffer.from(text));
}
