/** A block of shell commands in a Markdown page, and how it is checked. */
interface CommandFence {
  readonly line: number;
  readonly commands: string;
  /** The output that the page shows in the next block. */
  readonly shownOutput: string | undefined;
  readonly check: FenceCheck;
}

/**
 * How a block is checked, from the comment above it:
 * `<!-- run -->`, `<!-- run; varies: \d+ tokens/s -->`, `<!-- run; beside: make local -->`,
 * `<!-- not run: needs an AWS account -->`.
 */
type FenceCheck =
  | {
      readonly kind: "run";
      /** A server that has to run meanwhile; it prints its address when it listens. */
      readonly beside: string | undefined;
      readonly varying: readonly RegExp[];
    }
  | { readonly kind: "not-run"; readonly reason: string }
  | { readonly kind: "missing" };

const outputLanguages: readonly string[] = ["text", "json", "console"];

/** The blocks of commands in a page of Markdown. */
export function commandFences(page: string): CommandFence[] {
  let end = 0;
  const fences = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [all, language = "", text = ""] = match;
    const above = page.slice(end, match.index);
    end = match.index + all.length;
    return { line: page.slice(0, match.index).split("\n").length, language, text, above };
  });
  return fences.flatMap(({ line, language, text: commands, above }, index) => {
    if (language !== "sh") return [];
    const next = fences[index + 1];
    const isOutput = outputLanguages.includes(next?.language ?? "") && next?.above.trim() === "";
    const shownOutput = isOutput ? next?.text : undefined;
    return [{ line, commands, shownOutput, check: fenceCheck(above) }];
  });
}

function fenceCheck(above: string): FenceCheck {
  const comment = /<!-- (.*) -->\s*$/.exec(above)?.[1] ?? "";
  const notRun = /^not run: (.+)$/.exec(comment);
  if (notRun?.[1]) return { kind: "not-run", reason: notRun[1] };
  const run = /^run(?:; beside: ([^;]+))?(?:; varies: (.+))?$/.exec(comment);
  if (!run) return { kind: "missing" };
  const [, beside, patterns] = run;
  const varying = patterns?.split(" | ").map((pattern) => new RegExp(pattern, "g")) ?? [];
  return { kind: "run", beside, varying };
}

/** An output with `…` for what varies between runs, and without blanks at line ends. */
export function comparableOutput(output: string, varying: readonly RegExp[]): string {
  const lines = output.trim().split("\n");
  const trimmed = lines.map((line) => line.trimEnd()).join("\n");
  return varying.reduce((text, pattern) => text.replaceAll(pattern, "…"), trimmed);
}
