/**
 * Folders of an absolute path: where it is clear what ends it (quotes, brackets, Node's own message
 * about a program) they may hold blanks, else they go up to a character that hardly a path has. HTTP routes (`/v1/…`) and what stands behind a host or a word
 * (`https://host/a/b`, `tokens/s`) are no paths, and a single name (`/health`) gives nothing away.
 */
const folders = [
  /(?<=^spawn )\/.*\/(?=[^/\n]+ E[A-Z0-9]+$)/gm,
  /(?<=["'`(](?:file:\/\/)?)\/[^"'`()\n]*\/(?=[^"'`()\n/]*["'`)])/g,
  /(?<=^|[^\w./…-]|file:\/\/)\/(?!v\d+\/|\/)(?:[^\s/"'`,;:()<>|]+\/)+/g,
] as const;

/** Text with absolute paths cut to their last part: `…/model.gguf`. */
export function cutPaths(text: string): string {
  if (!text.includes("/")) return text;
  return folders.reduce((rest, pattern) => rest.replaceAll(pattern, "…/"), text);
}
