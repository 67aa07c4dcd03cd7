// The random numbers of the engine: C++'s std::mt19937 (Matsumoto and Nishimura, 1998), and the two
// pieces of libstdc++ that make a choice of its words. A seed means the same token here and there.

const wordCount = 624;
const twistOffset = 397;

/** A stream of 32-bit words from a seed (0 to 2^32 - 1). */
export class MersenneTwister {
  readonly #state = new Uint32Array(wordCount);
  #next = wordCount;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let index = 1; index < wordCount; index++) {
      const previous = this.#word(index - 1);
      this.#state[index] = Math.imul(1812433253, previous ^ (previous >>> 30)) + index;
    }
  }

  /** The next word, 0 to 2^32 - 1. */
  nextUint32(): number {
    if (this.#next >= wordCount) this.#twist();
    let word = this.#word(this.#next++);
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** A number from 0 up to but not including 1: std::generate_canonical<double, 53>. */
  nextUnit(): number {
    const low = this.nextUint32();
    const unit = (low + this.nextUint32() * 2 ** 32) / 2 ** 64;
    return unit < 1 ? unit : 1 - 2 ** -53;
  }

  #twist(): void {
    for (let index = 0; index < wordCount; index++) {
      const high = this.#word(index) & 0x80000000;
      const low = this.#word((index + 1) % wordCount) & 0x7fffffff;
      const odd = low & 1 ? 0x9908b0df : 0;
      this.#state[index] =
        this.#word((index + twistOffset) % wordCount) ^ ((high | low) >>> 1) ^ odd;
    }
    this.#next = 0;
  }

  #word(index: number): number {
    return this.#state[index] as number;
  }
}

/**
 * Picks an index by weight: std::discrete_distribution. A lone weight is picked without drawing a
 * random number. Throws RangeError when there are no weights.
 */
export function chooseByWeight(weights: readonly number[], random: MersenneTwister): number {
  if (weights.length === 0) throw new RangeError("nothing to choose from");
  if (weights.length === 1) return 0;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const point = random.nextUnit();
  let reached = 0;
  const index = weights.findIndex((weight) => {
    reached += weight / total;
    return reached >= point;
  });
  return index < 0 ? weights.length - 1 : index;
}
