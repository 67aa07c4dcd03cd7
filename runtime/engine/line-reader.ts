/** Longest line that is kept, in characters: none that is looked for is longer. */
const longestLine = 1000;

/** Puts bytes together that come in pieces: whole lines out. */
export interface LineReader {
  push(bytes: Uint8Array): void;
  /** Hands out what stands behind the last newline. */
  end(): void;
}

/** An incremental reader that hands out each line, without its newline and cut where it is long. */
export function readLines(onLine: (line: string) => void): LineReader {
  const decoder = new TextDecoder();
  let line = "";
  const end = () => {
    onLine(line);
    line = "";
  };
  return {
    push(bytes) {
      const [first = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
      line = (line + first).slice(0, longestLine);
      for (const next of others) {
        end();
        line = next.slice(0, longestLine);
      }
    },
    end,
  };
}
