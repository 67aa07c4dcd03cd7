/** `12,345.68`: a number for people; without `digits`, as many as it has, up to six significant. */
export function numberText(value: number, digits?: number): string {
  const text = digits === undefined ? shortest(value) : value.toFixed(digits);
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Never in the form `1e-7`, which `toString` takes for small numbers. */
function shortest(value: number): string {
  const rounded = Number(value.toPrecision(6));
  if (rounded === 0 || Math.abs(rounded) >= 1) return String(rounded);
  return rounded.toFixed(12).replace(/\.?0+$/, "");
}
