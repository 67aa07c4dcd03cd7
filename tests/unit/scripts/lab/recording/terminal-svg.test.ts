import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { linesOfSvg, terminalSvg } from "../../../../../scripts/lab/recording/terminal-svg.ts";
import { commandFences, comparableOutput } from "../../../../helpers/page-fences.ts";

const root = join(import.meta.dirname, "../../../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("terminalSvg", () => {
  it("shows the command, and each line when it came", () => {
    const svg = terminalSvg("make demo", [
      { text: "> a & b?", atMs: 100.4 },
      { text: "<c>", atMs: 250 },
    ]);

    expect(svg).toContain('class="command" style="--at:0ms">$ make demo</text>');
    expect(svg).toContain('class="question" style="--at:700ms">&gt; a &amp; b?</text>');
    expect(svg).toContain(' style="--at:850ms">&lt;c&gt;</text>');
  });

  it("is as wide as its longest line and as high as all of them", () => {
    const size = (count: number, length: number) => {
      const lines = Array.from({ length: count }, () => ({ text: "x".repeat(length), atMs: 0 }));
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(terminalSvg("a", lines)) ?? [];
      return [Number(width), Number(height)];
    };

    expect(size(1, 10)).toEqual([704, 100]);
    expect(size(3, 200)).toEqual([1712, 140]);
  });

  it("keeps every text", () => {
    const text = fc.string().filter((value) => !/[\r\n\u2028\u2029]/.test(value));
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const lines = texts.map((value) => ({ text: value, atMs: 0 }));
        expect(linesOfSvg(terminalSvg("a", lines))).toEqual(texts);
      }),
    );
  });
});

describe("docs/demo.svg", () => {
  it("shows what the README shows", () => {
    const fence = commandFences(read("README.md")).find(
      ({ commands }) => commands === "make demo\n",
    );
    if (fence?.check.kind !== "run") throw new Error("the README does not run `make demo`");
    const { varying } = fence.check;

    expect(comparableOutput(linesOfSvg(read("docs/demo.svg")).join("\n"), varying)).toBe(
      comparableOutput(fence.shownOutput ?? "", varying),
    );
  });
});
