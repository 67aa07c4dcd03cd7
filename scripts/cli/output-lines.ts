/** Terraform's outputs for people: a line each, nested ones as `console.logs`, empty ones left out. */
export function outputLines(outputs: Readonly<Record<string, unknown>>): string[] {
  const flat = Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, text]) => [`${name}.${inner}`, text] as const)
      : [[name, value] as const],
  );
  const told = flat.filter(([, value]) => value !== "" && value !== null);
  const width = Math.max(0, ...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}
