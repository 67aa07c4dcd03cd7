/** Terraform's outputs as aligned lines; nested ones as `console.logs`, empty ones left out. */
export function outputLines(outputs: Readonly<Record<string, unknown>>): string[] {
  const flat = Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, text]) => [`${name}.${inner}`, text] as const)
      : [[name, value] as const],
  );
  const shown = flat.filter(([, value]) => value !== "" && value !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}
