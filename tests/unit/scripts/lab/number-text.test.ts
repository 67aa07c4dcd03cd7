import { numberText } from "../../../../scripts/lab/number-text.ts";

describe("numberText", () => {
  it.each([
    [0, undefined, "0"],
    [0.0001234567, undefined, "0.000123457"],
    [1e-7, undefined, "0.0000001"],
    [1234567, undefined, "1,234,570"],
    [10_000_000, undefined, "10,000,000"],
    [-1234.5, undefined, "-1,234.5"],
    [999.999, 1, "1,000.0"],
    [0.5, 2, "0.50"],
  ])("writes %d with %s decimals as %s", (value, decimals, text) => {
    expect(numberText(value, decimals)).toBe(text);
  });
});
