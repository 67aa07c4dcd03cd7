const entities = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
] as const;

/** Text as it has to stand in SVG, between tags or in an attribute. */
export function escaped(text: string): string {
  return entities.reduce((all, [plain, entity]) => all.replaceAll(plain, entity), text);
}

/** What {@link escaped} was given. */
export function unescaped(text: string): string {
  return entities.reduceRight((all, [plain, entity]) => all.replaceAll(entity, plain), text);
}

/** Attributes by name; numbers are rounded to hundredths of a pixel, `undefined` is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element on one line, without content. */
export function element(name: string, attributes: Attributes): string {
  return `<${name}${attributesText(attributes)}/>`;
}

/** An element with text in it, escaped here. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  return `<${name}${attributesText(attributes)}>${escaped(text)}</${name}>`;
}

function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${valueText(value)}"`)
    .join("");
}

function valueText(value: string | number | undefined): string {
  return typeof value === "number" ? String(hundredths(value)) : escaped(String(value));
}

/** A coordinate as it is written. */
export function hundredths(value: number): number {
  // The sum makes 0 of -0, which would be written as such.
  return Math.round(value * 100) / 100 + 0;
}
