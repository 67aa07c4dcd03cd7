import fc from "fast-check";
import { textWidth, wrappedText } from "../../../../../scripts/lab/charts/text-size.ts";

describe("wrappedText", () => {
  it("breaks between words, and cuts a word that no line can hold", () => {
    expect(wrappedText("one two three", textWidth("one two", 12), 12)).toEqual([
      "one two",
      "three",
    ]);
    expect(wrappedText("aaaa b", textWidth("aa", 12), 12)).toEqual(["aa", "aa", "b"]);
    expect(wrappedText("", 100, 12)).toEqual([""]);
  });

  it("loses no letter and makes no line too wide", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 300 }), (value, width) => {
        const lines = wrappedText(value, width, 12);

        expect(lines.join("").replaceAll(" ", "")).toBe(value.replaceAll(" ", ""));
        expect(lines.every((line) => textWidth(line, 12) <= width)).toBe(true);
      }),
    );
  });
});
