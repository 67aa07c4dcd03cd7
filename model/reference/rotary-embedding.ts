/**
 * Rotary position embedding (arXiv:2104.09864), in "NeoX" order: feature i is paired with feature
 * i + half of the head, not with its neighbour.
 */

const { fround } = Math;

/** Cosine and sine for every pair of a head: [cos 0, sin 0, cos 1, sin 1, …]. */
export function rotationAt(position: number, headSize: number, base: number): Float32Array {
  const rotation = new Float32Array(headSize);
  const step = fround(fround(base) ** fround(-2 / headSize));
  let angle = fround(position);
  for (let pair = 0; pair < headSize; pair += 2) {
    rotation[pair] = Math.cos(angle);
    rotation[pair + 1] = Math.sin(angle);
    angle = fround(angle * step);
  }
  return rotation;
}

/** Turns every head of a vector (heads, headSize) in place. */
export function rotate(vector: Float32Array, rotation: Float32Array): void {
  const headSize = rotation.length;
  const half = headSize / 2;
  for (let head = 0; head < vector.length; head += headSize) {
    for (let pair = 0; pair < half; pair++) {
      const cosine = rotation[2 * pair] as number;
      const sine = rotation[2 * pair + 1] as number;
      const first = vector[head + pair] as number;
      const second = vector[head + pair + half] as number;
      vector[head + pair] = first * cosine - fround(second * sine);
      vector[head + pair + half] = first * sine + fround(second * cosine);
    }
  }
}
