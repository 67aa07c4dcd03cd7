import type { ByteSource } from "./byte-source.ts";
import { GgufCursor } from "./gguf-cursor.ts";
import {
  alignmentOf,
  alignUp,
  GgufError,
  type GgufScalar,
  type GgufTensorType,
  type GgufValue,
  type GgufValueType,
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
export interface Gguf {
  readonly version: 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Where the tensor data starts, in bytes from the start of the file. */
  readonly dataOffset: number;
}

/**
 * Reads header, metadata and tensor table of GGUF version 3, the one-file model format of llama.cpp,
 * and checks that every tensor's bytes lie inside the source. Reads no tensor data. Throws GgufError.
 */
export function readGguf(source: ByteSource): Gguf {
  const cursor = new GgufCursor(source);
  const magic = String.fromCharCode(...cursor.bytes(4));
  if (magic !== "GGUF") {
    throw new GgufError("bad-magic", `invalid magic characters '${magic}'`, magic);
  }
  const version = cursor.u32();
  if (version !== 3) {
    throw new GgufError("bad-version", `GGUF version ${version} is not supported, only 3 is`);
  }
  const tensorCount = cursor.count(minimumTensorBytes);
  const metadataCount = cursor.count(minimumMetadataBytes);
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

/** The bytes of one tensor, as in the file. */
export function readTensorBytes(
  source: ByteSource,
  gguf: Gguf,
  tensor: GgufTensor,
): Uint8Array<ArrayBuffer> {
  return source.read(gguf.dataOffset + tensor.offset, tensor.byteLength);
}

// A key (length), a type, one byte of value; a name, a dimension count, a type, an offset.
const minimumMetadataBytes = 8 + 4 + 1;
const minimumTensorBytes = 8 + 4 + 4 + 8;
// ggml's GGML_MAX_DIMS.
const maximumDimensions = 4;

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
  const length = cursor.count(minimumItemBytes(itemType));
  const value: GgufScalar[] = [];
  for (let index = 0; index < length; index++) value.push(cursor.scalar(itemType));
  return { type, itemType, value };
}

function valueType(code: number, key: string): GgufValueType {
  const type = ggufValueTypes[code];
  if (!type) throw new GgufError("malformed", `'${key}' has the unknown type ${code}`);
  return type;
}

function readTensor(cursor: GgufCursor): GgufTensor {
  const name = cursor.string();
  const dimensionCount = cursor.u32();
  if (dimensionCount < 1 || dimensionCount > maximumDimensions) {
    throw new GgufError("malformed", `tensor '${name}' has ${dimensionCount} dimensions`, name);
  }
  const dimensions: number[] = [];
  for (let index = 0; index < dimensionCount; index++) dimensions.push(cursor.u64());
  const code = cursor.u32();
  const type = tensorTypeNames.find((candidate) => ggufTensorTypes[candidate].code === code);
  if (!type)
    throw new GgufError("malformed", `tensor '${name}' has the unknown type ${code}`, name);
  const byteLength = tensorByteLength(type, dimensions);
  return { name, type, dimensions, offset: cursor.u64(), byteLength };
}

const tensorTypeNames = Object.keys(ggufTensorTypes) as GgufTensorType[];
