import type { ByteSource } from "./byte-source.ts";
import {
  GgufError,
  type GgufItemType,
  type GgufScalar,
  ggufScalars,
  truncated,
} from "./gguf-format.ts";

const windowBytes = 256 * 1024;
const utf8 = new TextDecoder();

/** Walks a source front to back through a window. Throws GgufError `truncated` at its end. */
export class GgufCursor {
  readonly #source: ByteSource;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(this.#window.buffer);
  #windowOffset = 0;
  #position = 0; // inside the window

  /** Starts at the first byte. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The byte that comes next. */
  get offset(): number {
    return this.#windowOffset + this.#position;
  }

  /** The next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#window.subarray(start, start + length);
  }

  /** A 32-bit count or code. */
  u32(): number {
    const start = this.#take(4); // may bring another window, and so another view
    return this.#view.getUint32(start, true);
  }

  /** A 64-bit count or offset; larger than any file is malformed. */
  u64(): number {
    const start = this.#take(8);
    const value = Number(this.#view.getBigUint64(start, true));
    if (!Number.isSafeInteger(value)) throw new GgufError("malformed", `impossible size ${value}`);
    return value;
  }

  /** A count of items, each at least `minimumBytes` long: refuses what cannot fit in the file. */
  count(minimumBytes: number): number {
    const value = this.u64();
    if (value * minimumBytes > this.#source.size - this.offset) throw truncated(this.offset);
    return value;
  }

  /** A length and as much UTF-8. */
  string(): string {
    return utf8.decode(this.bytes(this.count(1)));
  }

  /** A metadata value. */
  scalar(type: GgufItemType): GgufScalar {
    if (type === "string") return this.string();
    const { bytes, read } = ggufScalars[type];
    const start = this.#take(bytes); // may bring another window, and so another view
    return read(this.#view, start);
  }

  /** Moves on by `length` bytes and returns where in the window they start. */
  #take(length: number): number {
    if (this.#position + length > this.#window.length) this.#refill(length);
    const start = this.#position;
    this.#position += length;
    return start;
  }

  #refill(length: number): void {
    const offset = this.offset;
    if (length > this.#source.size - offset) throw truncated(offset);
    const size = Math.min(Math.max(length, windowBytes), this.#source.size - offset);
    this.#window = this.#source.read(offset, size);
    this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, size);
    this.#windowOffset = offset;
    this.#position = 0;
  }
}
