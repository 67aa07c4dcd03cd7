// IEEE 754 half precision, which Node 20 lacks: 1 sign, 5 exponent, 10 fraction bits. llama.cpp also
// rounds the other operand of a product to it; a reference that does not drifts within a few tokens.

const { abs } = Math;

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** The value of every one of the 65,536 bit patterns. */
const values = new Float32Array(65536);
for (let bits = 0; bits < values.length; bits++) values[bits] = decode(bits);

/** Half-precision bits (0 to 65535) to a number. Exact. */
export function float16ToFloat32(bits: number): number {
  return values[bits] as number;
}

/** A number, taken as f32, to the nearest half-precision bits, ties to even; past 65504 infinity. */
export function float32ToFloat16(value: number): number {
  floatView[0] = value;
  const bits = bitsView[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to infinity
  if (magnitude >= 0x38800000) {
    // Normal: rebias the exponent by 127 - 15 and round away 13 fraction bits.
    const odd = (magnitude >>> 13) & 1;
    return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  // Subnormal: adding 0.5 makes the FPU shift and round the fraction into the low bits.
  floatView[0] = abs(value) + 0.5;
  return sign | ((bitsView[0] as number) - 0x3f000000);
}

/** The nearest value that half precision can hold. */
export function roundToFloat16(value: number): number {
  return values[float32ToFloat16(value)] as number;
}

function decode(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign ? -fraction : fraction) * 2 ** -24;
  // The same exponent, counted from another zero: 15 here, 127 in f32. All ones stay all ones.
  const wide = exponent === 31 ? 255 : exponent - 15 + 127;
  bitsView[0] = sign | (wide << 23) | (fraction << 13);
  return floatView[0] as number;
}
