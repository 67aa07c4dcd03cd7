import { closeSync, openSync, readSync, statSync } from "node:fs";
import {
  alignmentOf,
  alignUp,
  GgufError,
  type GgufItemType,
  type GgufScalar,
  type GgufTensorType,
  type GgufValue,
  type GgufValueType,
  ggufScalars,
  ggufTensorTypes,
  ggufValueTypes,
  minimumItemBytes,
  tensorByteLength,
} from "./gguf-format.ts";

/** One row of the tensor table. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgufTensorType;
  /** Innermost dimension first: a matrix of 768 rows of 256 is [256, 768]. */
  readonly dimensions: readonly number[];
  /** Bytes from the start of the tensor data. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Everything before the tensor data. */
interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Where the tensor data starts, in bytes from the start of the file. */
  readonly dataOffset: number;
}

/** A model file, without its tensor data. */
export interface Gguf extends GgufHeader {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Longest header that is read. The published model's has 8 MB, most of which is its vocabulary. */
const longestHeader = 64 * 1024 * 1024;

/**
 * Reads header, metadata and tensor table of a file, and checks that every tensor's bytes lie inside
 * it. Reads no tensor data. Throws GgufError.
 */
export function readGguf(path: string): Gguf {
  const size = attempt(path, () => statSync(path).size);
  const header = readBytes(path, 0, Math.min(size, longestHeader));
  return { ...parseGguf(header, size), path, size };
}

/** The bytes of one tensor, as in the file. Throws GgufError. */
export function readTensorBytes({ path, dataOffset }: Gguf, tensor: GgufTensor) {
  return readBytes(path, dataOffset + tensor.offset, tensor.byteLength);
}

function readBytes(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  attempt(path, () => {
    const descriptor = openSync(path, "r");
    try {
      let done = 0;
      for (let count = -1; done < length && count !== 0; done += count) {
        count = readSync(descriptor, bytes, done, length - done, offset + done);
      }
      if (done < length) throw new Error(`it ends at byte ${offset + done}`);
    } finally {
      closeSync(descriptor);
    }
  });
  return bytes;
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw new GgufError(`cannot read ${path}: ${(cause as Error).message}`, "unreadable", cause);
  }
}

/**
 * Reads the beginning of a file of `size` bytes in GGUF version 3, the one-file model format of
 * llama.cpp. Throws GgufError.
 */
export function parseGguf(bytes: Uint8Array, size = bytes.length): GgufHeader {
  const cursor = new Cursor(bytes);
  const magic = String.fromCharCode(...cursor.bytes(4));
  if (magic !== "GGUF") throw new GgufError(`invalid magic characters '${magic}'`);
  const version = cursor.u32();
  if (version !== 3) throw new GgufError(`GGUF version ${version} is not supported, only 3 is`);
  const tensorCount = cursor.count(minimumTensorBytes);
  const metadataCount = cursor.count(minimumMetadataBytes);
  const metadata = readMetadata(cursor, metadataCount);
  const tensors: GgufTensor[] = [];
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensor(cursor));
  const dataOffset = alignUp(cursor.offset, alignmentOf(metadata));
  for (const { name, offset, byteLength } of tensors) {
    if (dataOffset + offset + byteLength <= size) continue;
    const problem = "data is not within the file bounds, model is corrupted or incomplete";
    throw new GgufError(`tensor '${name}' ${problem}`);
  }
  return { metadata, tensors, dataOffset };
}

// A key (length), a type, one byte of value; a name, a dimension count, a type, an offset.
const minimumMetadataBytes = 8 + 4 + 1;
const minimumTensorBytes = 8 + 4 + 4 + 8;
// ggml's GGML_MAX_DIMS.
const maximumDimensions = 4;

function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count; index++) {
    const key = cursor.string();
    if (metadata.has(key)) throw new GgufError(`metadata key '${key}' comes twice`);
    metadata.set(key, readValue(cursor, key));
  }
  return metadata;
}

function readValue(cursor: Cursor, key: string): GgufValue {
  const type = valueType(cursor.u32(), key);
  if (type !== "array") return { type, value: cursor.scalar(type) };
  const itemType = valueType(cursor.u32(), key);
  if (itemType === "array") throw new GgufError(`'${key}' is an array of arrays`);
  const length = cursor.count(minimumItemBytes(itemType));
  const value: GgufScalar[] = [];
  for (let index = 0; index < length; index++) value.push(cursor.scalar(itemType));
  return { type, itemType, value };
}

function valueType(code: number, key: string): GgufValueType {
  const type = ggufValueTypes[code];
  if (!type) throw new GgufError(`'${key}' has the unknown type ${code}`);
  return type;
}

function readTensor(cursor: Cursor): GgufTensor {
  const name = cursor.string();
  const dimensionCount = cursor.u32();
  if (dimensionCount < 1 || dimensionCount > maximumDimensions) {
    throw new GgufError(`tensor '${name}' has ${dimensionCount} dimensions`);
  }
  const dimensions: number[] = [];
  for (let index = 0; index < dimensionCount; index++) dimensions.push(cursor.u64());
  const code = cursor.u32();
  const type = tensorTypeNames.find((candidate) => ggufTensorTypes[candidate].code === code);
  if (!type) throw new GgufError(`tensor '${name}' has the unknown type ${code}`);
  const byteLength = tensorByteLength(type, dimensions);
  return { name, type, dimensions, offset: cursor.u64(), byteLength };
}

const tensorTypeNames = Object.keys(ggufTensorTypes) as GgufTensorType[];
const utf8 = new TextDecoder();

/** Walks bytes front to back. Throws GgufError at their end. */
class Cursor {
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A 32-bit count or code. */
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A 64-bit count or offset; larger than any file is malformed. */
  u64(): number {
    const value = Number(this.#view.getBigUint64(this.#take(8), true));
    if (!Number.isSafeInteger(value)) throw new GgufError(`impossible size ${value}`);
    return value;
  }

  /** A count of items, each at least `minimumBytes` long: refuses what cannot fit in the file. */
  count(minimumBytes: number): number {
    const value = this.u64();
    this.#require(value * minimumBytes);
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
    return read(this.#view, this.#take(bytes));
  }

  /** Moves on by `length` bytes and returns where they start. */
  #take(length: number): number {
    this.#require(length);
    this.offset += length;
    return this.offset - length;
  }

  #require(length: number): void {
    if (length <= this.#bytes.length - this.offset) return;
    throw new GgufError(`the file ends inside its header, at byte ${this.offset}`);
  }
}
