import { escapeXml } from "../escape-xml.ts";

const fontSize = 13;
const lineHeight = 20;
const padding = 16;
/** Of a monospaced character, in pixels at {@link fontSize}; `textLength` holds any font to it. */
const characterWidth = 7.8;

/** Seconds from line to line, and for one character of an answer. */
const pauseSeconds = 0.5;
const characterSeconds = 0.03;

const style = `
  rect { fill: #f6f8fa; stroke: #d0d7de; }
  text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
  .asked { fill: #0550ae; }
  .told { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    rect { fill: #151b23; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .asked { fill: #79c0ff; }
    .told { fill: #9198a1; }
  }
  @media (prefers-reduced-motion: no-preference) {
    text { animation: appear 1ms var(--at) both; }
    .typed { animation: type var(--for) var(--at) both; }
    @keyframes appear { from { opacity: 0; } }
    @keyframes type { from { clip-path: inset(0 100% 0 0); } }
  }
`;

/** A terminal in which `make demo` runs, as an animated SVG, from its output in the README. */
export function demoPicture(readme: string): string {
  const output = /\nmake demo\n```\n\n```text\n([\s\S]*?)\n```\n/.exec(readme)?.[1];
  if (output === undefined) throw new Error("README.md does not show what make demo prints");
  const lines = ["$ make demo", "", ...output.split("\n")];
  const longest = Math.max(...lines.map(({ length }) => length));
  const width = Math.ceil(longest * characterWidth) + 2 * padding;
  const height = lines.length * lineHeight + 2 * padding;
  let seconds = 0;
  const texts = lines.flatMap((line, at) => {
    if (line === "") return [];
    const y = padding + at * lineHeight + fontSize;
    const kind = kindOf(line);
    const typingSeconds = kind === "typed" ? line.length * characterSeconds : 0;
    const times = `--at:${seconds.toFixed(2)}s;--for:${typingSeconds.toFixed(2)}s`;
    seconds += typingSeconds + pauseSeconds;
    const length = (line.length * characterWidth).toFixed(1);
    return [
      `<text class="${kind}" x="${padding}" y="${y}" textLength="${length}" style="${times}">${escapeXml(line)}</text>`,
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${style}</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${texts.join("\n")}
</svg>
`;
}

/** A command or a prompt is there at once, an answer comes in pieces. */
function kindOf(line: string): "asked" | "told" | "typed" {
  if (/^[$>] /.test(line)) return "asked";
  return /^Your turn|tokens\/s$/.test(line) ? "told" : "typed";
}
