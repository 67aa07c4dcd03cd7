/** What the operating system said of a failure: "ENOENT: no such file …" as the C library words it. */
export function systemMessage(error: unknown): string {
  const words = /[A-Z0-9]+: ([^,]*)/.exec(String(error))?.[1] ?? "";
  return words.charAt(0).toUpperCase() + words.slice(1);
}
