import fc from "fast-check";
import { integerRange, largestInteger } from "../../../../runtime/constraint/integer-range.ts";

/** The expression as a regular expression, which has the same operators. */
function matcher(expression: string): RegExp {
  return new RegExp(`^${expression.replaceAll(/[" ]/g, "")}$`);
}

const integer = fc.integer({ min: -largestInteger, max: largestInteger });
const small = fc.integer({ min: -2000, max: 2000 });

describe("integerRange", () => {
  it("matches exactly the whole numbers from one to another", () => {
    const bounds = fc.oneof(fc.tuple(small, small, small), fc.tuple(integer, integer, integer));
    fc.assert(
      fc.property(bounds, ([one, other, value]) => {
        const [first, last] = [Math.min(one, other), Math.max(one, other)];
        const range = matcher(integerRange(first, last) ?? "");
        for (const each of [value, first, last, first - 1, last + 1]) {
          expect([each, range.test(`${each}`)]).toEqual([each, each >= first && each <= last]);
        }
      }),
    );
  });

  it("has no leading zeros, and no sign before 0", () => {
    const range = matcher(integerRange(-5, 500) ?? "");

    expect(["007", "-0", "+1", ""].filter((text) => range.test(text))).toEqual([]);
  });

  it("is empty where the bounds cross", () => {
    expect(integerRange(3, 2)).toBeUndefined();
  });
});
