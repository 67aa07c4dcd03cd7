/**
 * Backslash escapes in a prompt: \n \r \t \' \" \\ and \xHH, which stands for any byte. Anything
 * else behind a backslash stays as it is. llama-cli does this unless told `--no-escape`.
 *
 * Source: string_process_escapes of common/common.cpp, llama.cpp@1f86f058 (read 2026-11).
 */
export function processEscapes(text: Buffer): Buffer {
  // Latin-1 shows every byte as one character, and back.
  const processed = text
    .toString("latin1")
    .replace(/\\(?:x([0-9a-fA-F]{2})|([nrt'"\\]))/g, (_, hex?: string, letter?: string) =>
      hex === undefined
        ? (LETTERS[letter ?? ""] ?? "")
        : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(processed, "latin1");
}

const LETTERS: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "'": "'",
  '"': '"',
  "\\": "\\",
};
