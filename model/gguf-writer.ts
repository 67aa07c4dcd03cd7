/**
 * Writes GGUF version 3, the inverse of `gguf.ts`. A tensor's bytes are made in pieces when it is its
 * turn, so a file can be larger than memory.
 */
import {
  alignmentOf,
  alignUp,
  type GgufItemType,
  type GgufScalar,
  type GgufTensorType,
  type GgufValue,
  type GgufValueType,
  ggufScalars,
  ggufTensorTypes,
  ggufValueTypes,
  tensorByteLength,
} from "./gguf-format.ts";

/** A tensor to write. `chunks` yields its bytes in order, in pieces of any size. */
export interface GgufTensorSource {
  readonly name: string;
  readonly type: GgufTensorType;
  /** Innermost dimension first, as in the file. */
  readonly dimensions: readonly number[];
  chunks(): Iterable<Uint8Array>;
}

/** The content of a file. */
export interface GgufContent {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensorSource[];
}

/** The bytes of a file, in order. Throws RangeError when a tensor yields too few or many. */
export function* encodeGguf(content: GgufContent): Generator<Uint8Array> {
  const alignment = alignmentOf(content.metadata);
  yield encodeGgufHead(content);
  for (const tensor of content.tensors) {
    const expected = tensorByteLength(tensor.type, tensor.dimensions);
    let written = 0;
    for (const chunk of tensor.chunks()) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== expected) {
      throw new RangeError(`tensor '${tensor.name}' has ${written} bytes, not ${expected}`);
    }
    yield padding(written, alignment);
  }
}

/** Everything before the tensor data: the layout of the file, without its weights. */
function encodeGgufHead({ metadata, tensors }: GgufContent): Buffer {
  const alignment = alignmentOf(metadata);
  const header = Buffer.concat([...encodeHeader(metadata, tensors, alignment)]);
  return Buffer.concat([header, padding(header.length, alignment)]);
}

/** Length of the file in bytes, computed from the shapes. */
export function ggufByteLength(content: GgufContent): number {
  const alignment = alignmentOf(content.metadata);
  return content.tensors.reduce(
    (length, { type, dimensions }) =>
      length + alignUp(tensorByteLength(type, dimensions), alignment),
    encodeGgufHead(content).length,
  );
}

/** A generator, since a vocabulary has more entries than a call can have arguments. */
function* encodeHeader(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensorSource[],
  alignment: number,
): Generator<Uint8Array> {
  yield Buffer.from("GGUF");
  yield scalar("u32", 3);
  yield scalar("u64", BigInt(tensors.length));
  yield scalar("u64", BigInt(metadata.size));
  for (const [key, value] of metadata) {
    yield scalar("string", key);
    yield* encodeValue(value);
  }
  let offset = 0;
  for (const { name, type, dimensions } of tensors) {
    yield scalar("string", name);
    yield scalar("u32", dimensions.length);
    for (const dimension of dimensions) yield scalar("u64", BigInt(dimension));
    yield scalar("u32", ggufTensorTypes[type].code);
    yield scalar("u64", BigInt(offset));
    offset = alignUp(offset + tensorByteLength(type, dimensions), alignment);
  }
}

function* encodeValue(value: GgufValue): Generator<Uint8Array> {
  yield typeCode(value.type);
  if (value.type !== "array") return yield scalar(value.type, value.value);
  yield typeCode(value.itemType);
  yield scalar("u64", BigInt(value.value.length));
  yield scalars(value.itemType, value.value);
}

const typeCode = (type: GgufValueType) => scalar("u32", ggufValueTypes.indexOf(type));

const scalar = (type: GgufItemType, value: GgufScalar) => scalars(type, [value]);

/** Values of one type, one behind the other: in one piece, as a vocabulary has very many. */
function scalars(type: GgufItemType, values: readonly GgufScalar[]): Uint8Array {
  if (type === "string") return strings(values.map(String));
  const { bytes: length, write } = ggufScalars[type];
  const bytes = new Uint8Array(values.length * length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) write(view, index * length, value);
  return bytes;
}

/** Strings, each behind its length. */
function strings(texts: readonly string[]): Uint8Array {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + 8 + length, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    bytes.writeUIntLE(lengths[index] as number, at, 6); // of 8 bytes
    at += 8 + bytes.write(text, at + 8);
  }
  return bytes;
}

function padding(length: number, alignment: number): Uint8Array {
  return new Uint8Array(alignUp(length, alignment) - length);
}
