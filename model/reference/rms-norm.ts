/** Root mean square normalization (arXiv:1910.07467). */

const { fround, sqrt } = Math;

/** As ggml_compute_forward_rms_norm_f32: squares in f32, their sum in f64, the rest in f32. */
export function rmsNorm(vector: Float32Array, weight: Float32Array, epsilon: number): Float32Array {
  let sum = 0;
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index] as number;
    sum += fround(value * value);
  }
  const mean = fround(sum / vector.length);
  const scale = fround(1 / fround(sqrt(fround(mean + epsilon))));
  const output = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index++) {
    output[index] = fround((vector[index] as number) * scale) * (weight[index] as number);
  }
  return output;
}
