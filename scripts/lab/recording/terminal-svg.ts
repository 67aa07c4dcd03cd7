/** A line that a terminal shows, and when it came. */
export interface TimedLine {
  readonly text: string;
  /** Milliseconds after the command was typed. */
  readonly atMs: number;
}

const character = { width: 8.4, height: 20, size: 14 } as const;
const padding = 16;
const titleBar = 28;

/** Milliseconds before the command is there. */
const typingMs = 600;

/**
 * A picture of a terminal in which lines come when they came. Whoever wants no motion, or shows the
 * picture with a program that knows none, sees all of them at once.
 */
export function terminalSvg(command: string, lines: readonly TimedLine[]): string {
  const all = [
    { text: `$ ${command}`, atMs: 0 },
    ...lines.map(({ text, atMs }) => ({ text, atMs: atMs + typingMs })),
  ];
  const columns = Math.max(80, ...all.map(({ text }) => text.length));
  const width = Math.ceil(columns * character.width) + 2 * padding;
  const height = titleBar + all.length * character.height + 2 * padding;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(command)} in a terminal">`,
    `<title>${escaped(command)} in a terminal</title>`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1d1f21"/>`,
    ...["#ff5f56", "#ffbd2e", "#27c93f"].map(
      (colour, index) =>
        `<circle cx="${padding + 6 + index * 18}" cy="15" r="5" fill="${colour}"/>`,
    ),
    ...all.map(lineElement),
    "</svg>",
    "",
  ].join("\n");
}

/** The text of a picture's lines, without the command. */
export function linesOfSvg(svg: string): string[] {
  const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text = ""]) => text);
  return lines.slice(1).map(unescaped);
}

const style = [
  `text{font:${character.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#c5c8c6;white-space:pre}`,
  ".command{fill:#8abeb7}",
  ".question{fill:#f0c674}",
  "@media (prefers-reduced-motion:no-preference){text{animation:come 1ms both;animation-delay:var(--at)}}",
  "@keyframes come{from{opacity:0}to{opacity:1}}",
].join("");

function lineElement({ text, atMs }: TimedLine, index: number): string {
  const y = titleBar + padding + index * character.height + character.size;
  const kind = lineKinds.find(([start]) => text.startsWith(start))?.[1] ?? "";
  const name = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${padding}" y="${y}"${name} style="--at:${Math.round(atMs)}ms">${escaped(text)}</text>`;
}

const lineKinds = [
  ["$ ", "command"],
  ["> ", "question"],
] as const;

const entities = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
] as const;

function escaped(text: string): string {
  return entities.reduce((all, [plain, entity]) => all.replaceAll(plain, entity), text);
}

function unescaped(text: string): string {
  return entities.reduceRight((all, [plain, entity]) => all.replaceAll(entity, plain), text);
}
