/** A colour on light and on dark ground. */
interface Colour {
  readonly light: string;
  readonly dark: string;
}

/** What a colour stands for, the same on every chart. */
export const palette = {
  "llama-cli": { light: "#bc4c00", dark: "#f0883e" },
  "llama-server": { light: "#0969da", dark: "#4493f8" },
  /** An engine without the handler, or another baseline. */
  bare: { light: "#6e7781", dark: "#8b949e" },
  x86_64: { light: "#1a7f37", dark: "#3fb950" },
  arm64: { light: "#8250df", dark: "#ab7df8" },
  /** A limit to stay within, or a price to compare with. */
  limit: { light: "#cf222e", dark: "#ff7b72" },
  /** Everything else that was measured. */
  other: { light: "#0b7285", dark: "#39c5cf" },
} as const satisfies Record<string, Colour>;

/** A key of {@link palette}. */
export type Meaning = keyof typeof palette;

/** Colours of everything that is not data. */
export const neutral = {
  background: { light: "#ffffff", dark: "#0d1117" },
  text: { light: "#1f2328", dark: "#e6edf3" },
  muted: { light: "#59636e", dark: "#9198a1" },
  grid: { light: "#d8dee4", dark: "#2f353d" },
} as const satisfies Record<string, Colour>;

/** The meaning of an alternative by its name, such as `llama-cli through the handler`. */
export function meaningOf(name: string): Meaning {
  if (/\b(bare|alone|original)\b/.test(name)) return "bare";
  if (name.includes("llama-server")) return "llama-server";
  return name.includes("llama-cli") ? "llama-cli" : "other";
}

/**
 * The style sheet that turns a chart drawn in the light colours into a dark one where the reader
 * prefers that. Each light colour therefore belongs to one meaning only.
 */
export function darkStyle(): string {
  const rules = [...Object.values(palette), ...Object.values(neutral)].flatMap(
    ({ light, dark }) => [`[fill="${light}"]{fill:${dark}}`, `[stroke="${light}"]{stroke:${dark}}`],
  );
  return `@media (prefers-color-scheme:dark){${rules.join("")}}`;
}
