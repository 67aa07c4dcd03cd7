/** Adding and taking away 1.5 * 2^23 rounds an f32 to an integer, ties to even. */
const roundingConstant = 12582912;

const { fround } = Math;

/** The nearest integer to an f32 of up to 2^22, ties to even: llama.cpp's nearest_int. */
export function roundToInteger(value: number): number {
  return fround(value + roundingConstant) - roundingConstant;
}
