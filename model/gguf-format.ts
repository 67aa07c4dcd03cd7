/**
 * What reader and writer of GGUF version 3 share.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (read 2026-11).
 * I2_S is BitNet's own tensor type: microsoft/BitNet@01eb415, 3rdparty/llama.cpp ggml.h.
 */

/** A file that cannot be read, or is not what the format asks for. */
export class GgufError extends Error {
  override readonly name = "GgufError";
  readonly kind: "unreadable" | "malformed";

  constructor(message: string, kind: GgufError["kind"] = "malformed", cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Metadata value types; the position is the code in the file. */
// biome-ignore format: the position is the code
export const ggufValueTypes = [
  "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64",
] as const;

/** The type of a metadata value. */
export type GgufValueType = (typeof ggufValueTypes)[number];

/** The type of a single value. */
export type GgufItemType = Exclude<GgufValueType, "array">;

/** A single value. 64-bit integers are bigint; all other numbers are number. */
export type GgufScalar = number | bigint | boolean | string;

/** One metadata value: single, or many of one type. */
export type GgufValue =
  | { readonly type: GgufItemType; readonly value: GgufScalar }
  | {
      readonly type: "array";
      readonly itemType: GgufItemType;
      readonly value: readonly GgufScalar[];
    };

/** How a value of a fixed length is stored: its bytes, reader and writer. */
interface ScalarCodec {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => GgufScalar;
  readonly write: (view: DataView, at: number, value: GgufScalar) => void;
}

/** Values of a fixed length, all but strings; little-endian. */
// biome-ignore format: one table
export const ggufScalars: Readonly<Record<Exclude<GgufItemType, "string">, ScalarCodec>> = {
  u8: { bytes: 1, read: (v, at) => v.getUint8(at), write: (v, at, x) => v.setUint8(at, Number(x)) },
  i8: { bytes: 1, read: (v, at) => v.getInt8(at), write: (v, at, x) => v.setInt8(at, Number(x)) },
  u16: { bytes: 2, read: (v, at) => v.getUint16(at, true), write: (v, at, x) => v.setUint16(at, Number(x), true) },
  i16: { bytes: 2, read: (v, at) => v.getInt16(at, true), write: (v, at, x) => v.setInt16(at, Number(x), true) },
  u32: { bytes: 4, read: (v, at) => v.getUint32(at, true), write: (v, at, x) => v.setUint32(at, Number(x), true) },
  i32: { bytes: 4, read: (v, at) => v.getInt32(at, true), write: (v, at, x) => v.setInt32(at, Number(x), true) },
  f32: { bytes: 4, read: (v, at) => v.getFloat32(at, true), write: (v, at, x) => v.setFloat32(at, Number(x), true) },
  bool: { bytes: 1, read: (v, at) => v.getUint8(at) !== 0, write: (v, at, x) => v.setUint8(at, x ? 1 : 0) },
  u64: { bytes: 8, read: (v, at) => v.getBigUint64(at, true), write: (v, at, x) => v.setBigUint64(at, BigInt(x), true) },
  i64: { bytes: 8, read: (v, at) => v.getBigInt64(at, true), write: (v, at, x) => v.setBigInt64(at, BigInt(x), true) },
  f64: { bytes: 8, read: (v, at) => v.getFloat64(at, true), write: (v, at, x) => v.setFloat64(at, Number(x), true) },
};

/** The fewest bytes that a value of a type takes: of a string its length alone. */
export function minimumItemBytes(type: GgufItemType): number {
  return type === "string" ? 8 : ggufScalars[type].bytes;
}

/** The tensor types of BitNet models: code, and bytes for a number of elements. */
export const ggufTensorTypes = {
  F32: { code: 0, byteLength: (elements: number) => elements * 4 },
  F16: { code: 1, byteLength: (elements: number) => elements * 2 },
  /** 256 weights in 210 bytes. */
  Q6_K: { code: 14, byteLength: (elements: number) => (elements / 256) * 210 },
  /** Four weights a byte, then one f32 scale in a 32-byte tail. */
  I2_S: { code: 36, byteLength: (elements: number) => elements / 4 + 32 },
} as const;

/** One of {@link ggufTensorTypes}. */
export type GgufTensorType = keyof typeof ggufTensorTypes;

/** Bytes that a tensor takes. Throws GgufError when its shape fits no whole bytes. */
export function tensorByteLength(type: GgufTensorType, dimensions: readonly number[]): number {
  const elements = dimensions.reduce((product, dimension) => product * dimension, 1);
  const byteLength = ggufTensorTypes[type].byteLength(elements);
  if (!Number.isSafeInteger(elements) || elements < 1 || !Number.isSafeInteger(byteLength)) {
    throw new GgufError(`a ${type} tensor cannot have the shape [${dimensions}]`);
  }
  return byteLength;
}

/** The next multiple of `alignment` at or above `offset`. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** `general.alignment`, 32 unless the file says otherwise. Throws GgufError. */
export function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get("general.alignment")?.value ?? 32;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw new GgufError("general.alignment is not a positive integer");
  }
  return value;
}

// Names of a BitNet model's tensors. Source: LLM_TENSOR_NAMES of llama.cpp's src/llama.cpp.

/** The token table, which is both ends of the model. */
export const embeddingName = "token_embd.weight";

/** The norm before the scores. */
export const outputNormName = "output_norm.weight";

/** A tensor of a layer, such as `attn_q`. */
export function layerTensorName(layer: number, part: string): string {
  return `blk.${layer}.${part}.weight`;
}
