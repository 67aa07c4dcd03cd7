/**
 * Reads GGUF version 3, the one-file model format of llama.cpp: a header, typed key-value
 * metadata, a table of tensors, and their bytes, aligned.
 *
 * Nothing but the part asked for is read from disk: `readGguf` stops where the tensor data
 * starts, so a look at the metadata of a gigabyte model takes milliseconds.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (read 2026-11).
 * I2_S is BitNet's own tensor type: microsoft/BitNet@01eb415, 3rdparty/llama.cpp ggml.h.
 */
import type { ByteSource } from "./byte-source.ts";
import { GgufCursor, MINIMUM_ITEM_BYTES } from "./gguf-cursor.ts";
import { GgufError } from "./gguf-error.ts";
import {
  GGUF_VALUE_TYPES,
  type GgufScalar,
  type GgufValue,
  type GgufValueType,
} from "./gguf-value.ts";

/** The tensor types that BitNet models use: code, and bytes for a number of elements. */
export const GGUF_TENSOR_TYPES = {
  F32: { code: 0, byteLength: (elements: number) => elements * 4 },
  F16: { code: 1, byteLength: (elements: number) => elements * 2 },
  /** 256 weights in 210 bytes. */
  Q6_K: { code: 14, byteLength: (elements: number) => (elements / 256) * 210 },
  /** Four weights a byte, then one f32 scale in a 32-byte tail. */
  I2_S: { code: 36, byteLength: (elements: number) => elements / 4 + 32 },
} as const;
export type GgufTensorType = keyof typeof GGUF_TENSOR_TYPES;

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

/** All that stands before the tensor data. */
export interface Gguf {
  readonly version: 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Where the tensor data starts, in bytes from the start of the file. */
  readonly dataOffset: number;
}

/**
 * Reads header, metadata and tensor table, and checks that every tensor's bytes lie inside
 * the source. Throws GgufError.
 */
export function readGguf(source: ByteSource): Gguf {
  const cursor = new GgufCursor(source);
  const magic = latin1(cursor.bytes(4));
  if (magic !== "GGUF") {
    throw new GgufError("bad-magic", `invalid magic characters '${magic}'`, magic);
  }
  const version = cursor.u32();
  if (version !== 3) {
    throw new GgufError("bad-version", `GGUF version ${version} is not supported, only 3 is`);
  }
  const tensorCount = cursor.count(MINIMUM_TENSOR_BYTES);
  const metadataCount = cursor.count(MINIMUM_METADATA_BYTES);
  const metadata = readMetadata(cursor, metadataCount);
  const tensors: GgufTensor[] = [];
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensor(cursor));
  const dataOffset = alignUp(cursor.offset, alignmentOf(metadata));
  for (const tensor of tensors) {
    if (dataOffset + tensor.offset + tensor.byteLength > source.size) {
      const message = `tensor '${tensor.name}' data is not within the file bounds, model is corrupted or incomplete`;
      throw new GgufError("data-missing", message, tensor.name);
    }
  }
  return { version, metadata, tensors, dataOffset };
}

/** The bytes of one tensor, as they stand in the file. */
export function readTensorBytes(
  source: ByteSource,
  gguf: Gguf,
  tensor: GgufTensor,
): Uint8Array<ArrayBuffer> {
  return source.read(gguf.dataOffset + tensor.offset, tensor.byteLength);
}

/** The next multiple of `alignment` at or above `offset`. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** `general.alignment`, 32 unless the file says otherwise. */
export function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get("general.alignment")?.value ?? 32;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw new GgufError("malformed", "general.alignment is not a positive integer");
  }
  return value;
}

// A key (length), a type, one byte of value; a name, a dimension count, a type, an offset.
const MINIMUM_METADATA_BYTES = 8 + 4 + 1;
const MINIMUM_TENSOR_BYTES = 8 + 4 + 4 + 8;
// ggml's GGML_MAX_DIMS.
const MAXIMUM_DIMENSIONS = 4;

function readMetadata(cursor: GgufCursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count; index++) {
    const key = cursor.string();
    if (metadata.has(key)) throw new GgufError("malformed", `metadata key '${key}' comes twice`);
    metadata.set(key, readValue(cursor, key));
  }
  return metadata;
}

function readValue(cursor: GgufCursor, key: string): GgufValue {
  const type = valueType(cursor.u32(), key);
  if (type !== "array") return { type, value: cursor.scalar(type) };
  const itemType = valueType(cursor.u32(), key);
  if (itemType === "array") throw new GgufError("malformed", `'${key}' is an array of arrays`);
  const length = cursor.count(MINIMUM_ITEM_BYTES[itemType]);
  const value: GgufScalar[] = [];
  for (let index = 0; index < length; index++) value.push(cursor.scalar(itemType));
  return { type, itemType, value };
}

function valueType(code: number, key: string): GgufValueType {
  const type = GGUF_VALUE_TYPES[code];
  if (!type) throw new GgufError("malformed", `'${key}' has the unknown type ${code}`);
  return type;
}

function readTensor(cursor: GgufCursor): GgufTensor {
  const name = cursor.string();
  const dimensionCount = cursor.u32();
  if (dimensionCount < 1 || dimensionCount > MAXIMUM_DIMENSIONS) {
    throw new GgufError("malformed", `tensor '${name}' has ${dimensionCount} dimensions`, name);
  }
  const dimensions: number[] = [];
  for (let index = 0; index < dimensionCount; index++) dimensions.push(cursor.u64());
  const code = cursor.u32();
  const type = TENSOR_TYPE_NAMES.find((candidate) => GGUF_TENSOR_TYPES[candidate].code === code);
  if (!type)
    throw new GgufError("malformed", `tensor '${name}' has the unknown type ${code}`, name);
  const byteLength = tensorByteLength(type, dimensions);
  return { name, type, dimensions, offset: cursor.u64(), byteLength };
}

const TENSOR_TYPE_NAMES = Object.keys(GGUF_TENSOR_TYPES) as GgufTensorType[];

/** Bytes that a tensor takes. Throws GgufError `malformed` when its shape fits no whole bytes. */
export function tensorByteLength(type: GgufTensorType, dimensions: readonly number[]): number {
  const elements = dimensions.reduce((product, dimension) => product * dimension, 1);
  const byteLength = GGUF_TENSOR_TYPES[type].byteLength(elements);
  if (!Number.isSafeInteger(elements) || elements < 1 || !Number.isSafeInteger(byteLength)) {
    throw new GgufError("malformed", `a ${type} tensor cannot have the shape [${dimensions}]`);
  }
  return byteLength;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
