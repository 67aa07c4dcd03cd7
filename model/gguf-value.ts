/** The values that GGUF metadata can hold. */

/** Metadata value types by their code in the file; an array names the type of its items. */
// biome-ignore format: the position is the code
export const GGUF_VALUE_TYPES = [
  "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64",
] as const;
/** The type of a metadata value. */
export type GgufValueType = (typeof GGUF_VALUE_TYPES)[number];
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
