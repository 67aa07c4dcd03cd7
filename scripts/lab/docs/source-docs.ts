/**
 * What the docstrings in a source say of the members below them, by name: each fact stands once,
 * in the code, and tables are made of it. Of two members with one name the first counts.
 */
export function sourceDocs(source: string): ReadonlyMap<string, string> {
  const docs = new Map<string, string>();
  for (const [, text = "", name = ""] of source.matchAll(memberPattern)) {
    if (!docs.has(name)) docs.set(name, plainText(text));
  }
  return docs;
}

/** A docstring with `name:` behind it. */
const memberPattern = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(\w+):/g;

/** A docstring's text on one line. */
function plainText(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s*/, "").trim())
    .filter((line) => line !== "")
    .join(" ");
}
