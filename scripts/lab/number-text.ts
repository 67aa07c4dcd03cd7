/**
 * `12,345.68`: a number with commas between thousands, never in the form `1e-7`.
 *
 * @param decimals default: as many as the number has, up to six significant digits
 */
export function numberText(value: number, decimals?: number): string {
  const digits =
    decimals === undefined
      ? { maximumSignificantDigits: 6 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString("en-US", digits);
}
