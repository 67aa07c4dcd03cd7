/**
 * A text's state as a file, to go on from in another process: what `--prompt-cache` keeps.
 *
 * The layout is our own (llama.cpp's means nothing to another engine), little-endian:
 * magic, version; length of the fingerprint in bytes, the fingerprint; number of tokens, tokens;
 * length of the hidden vector, 0 for none, the vector (f32); keys and values (f16). What fails, and
 * in which words, follows llama_state_load_file_internal of src/llama.cpp, llama.cpp@1f86f058
 * (read 2026-11).
 */
import type { Model, TextState } from "./engine.ts";

/** "BLSF", for bitnet-lambda session file. */
const MAGIC = 0x46534c42;
const VERSION = 1;

/** Why a file gives no state; `message` is llama.cpp's line. */
export class SessionFileError extends Error {
  override readonly name = "SessionFileError";
}

/** What a file is read for. */
export interface SessionReader {
  readonly model: Model;
  /** Tokens that fit. */
  readonly contextTokens: number;
  /** Numbers that make up the memory of a text of so many tokens: `KeyValueCache.savedLength`. */
  readonly memoryLength: (tokens: number) => number;
}

/** The bytes of a state of one model's text. */
export function encodeSession({ tokens, hidden, memory }: TextState, model: Model): Buffer {
  const fingerprint = fingerprintOf(model);
  const head = [MAGIC, VERSION, fingerprint.length];
  return Buffer.concat([
    bytesOf(Uint32Array.from(head)),
    fingerprint,
    bytesOf(Uint32Array.from([tokens.length, ...tokens, hidden?.length ?? 0])),
    bytesOf(hidden ?? new Float32Array(0)),
    bytesOf(memory),
  ]);
}

/** The state in a file. Throws SessionFileError. */
export function decodeSession(bytes: Uint8Array, reader: SessionReader): TextState {
  const cursor = new SessionCursor(bytes);
  const [magic, version] = [cursor.u32(), cursor.u32()];
  if (magic !== MAGIC || version !== VERSION) {
    fail("_internal", `unknown (magic, version) for session file: ${hex(magic)}, ${hex(version)}`);
  }
  const expected = fingerprintOf(reader.model);
  if (!expected.equals(cursor.take(cursor.u32()))) {
    fail("", "error loading session file: made with a model of another shape");
  }
  const tokens = readTokens(cursor, reader);
  const hidden = readHidden(cursor, reader);
  const memory = new Uint16Array(cursor.copy(2 * reader.memoryLength(tokens.length)));
  if (cursor.left > 0) {
    fail("_internal", `did not read all of the session file data! ${cursor.left} bytes are left`);
  }
  return { tokens, hidden, memory };
}

function readTokens(cursor: SessionCursor, { model, contextTokens }: SessionReader): number[] {
  const count = cursor.u32();
  if (count > contextTokens) {
    const sizes = `${count} > ${contextTokens}`;
    fail("_internal", `token count in session file exceeded capacity! ${sizes}`);
  }
  const tokens = Array.from(new Uint32Array(cursor.copy(4 * count)));
  const unknown = tokens.find((token) => token >= model.vocabulary.size);
  if (unknown !== undefined) fail("", `error loading session file: there is no token ${unknown}`);
  return tokens;
}

function readHidden(cursor: SessionCursor, { model }: SessionReader): Float32Array | undefined {
  const length = cursor.u32();
  if (length === 0) return undefined;
  if (length === model.parameters.width) return new Float32Array(cursor.copy(4 * length));
  return fail("", `error loading session file: a hidden vector of ${length}`);
}

/** Walks through the bytes. Throws SessionFileError at their end. */
class SessionCursor {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have not been read. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  take(length: number): Uint8Array {
    if (length > this.left)
      fail("", "error loading session file: unexpectedly reached end of file");
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** A copy, which is aligned as the file need not be. */
  copy(length: number): ArrayBuffer {
    return new Uint8Array(this.take(length)).buffer;
  }

  u32(): number {
    return new DataView(this.copy(4)).getUint32(0, true);
  }
}

/** What the state depends on and this engine can tell: sizes, and how the weights are read. */
function fingerprintOf({ parameters, i2sBlock }: Model): Buffer {
  return Buffer.from(JSON.stringify({ ...parameters, i2sBlock }));
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function fail(where: "" | "_internal", problem: string): never {
  throw new SessionFileError(`llama_state_load_file${where}: ${problem}`);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
