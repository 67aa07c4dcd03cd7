/** Longest line that is kept, in characters: none that is looked for is longer. */
const longestLine = 1000;

/** Incremental reader that hands out each line, without its newline and cut where it is long. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #line = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    const [first = "", ...others] = this.#decoder.decode(bytes, { stream: true }).split("\n");
    this.#line = (this.#line + first).slice(0, longestLine);
    for (const next of others) {
      this.end();
      this.#line = next.slice(0, longestLine);
    }
  }

  /** Hands out what stands behind the last newline. */
  end(): void {
    this.#onLine(this.#line);
    this.#line = "";
  }
}
