import { MersenneTwister } from "../../../../model/formats/mersenne-twister.ts";
import { dequantizeQ6k, unpackQ6k } from "../../../../model/formats/q6k.ts";
import { quantizeQ8k } from "../../../../model/formats/q8k.ts";
import { ModelError } from "../../../../model/reference/hyper-parameters.ts";
import { tokenEmbedding } from "../../../../model/reference/token-embedding.ts";

const [tokens, width] = [40, 768];
const bytes = randomBlocks((tokens * width) / 256);
const table = unpackQ6k(bytes);
const embedding = tokenEmbedding("Q6_K", bytes, width);
const hidden = Float32Array.from({ length: width }, (_, at) => 3 * Math.sin(at * at));
const { values, scales } = quantizeQ8k(hidden);
const { fround } = Math;

describe("a token table in Q6_K", () => {
  it("gives the vector of a token", () => {
    expect(embedding.vectorOf(7)).toEqual(dequantizeQ6k(table, 7 * width, 8 * width));
  });

  it("rounds in the order of the engine's eight lanes, to the last bit", () => {
    const logits = embedding.logitsFor(hidden);

    expect(logits).toEqual(Float32Array.from(logits, (_, token) => laneProduct(token)));
    // What makes the order show: plain sums have other last bits.
    expect(logits).not.toEqual(
      Float32Array.from(logits, (_, token) => total(plainProducts(token))),
    );
  });

  it("needs rows of whole blocks", () => {
    expect(() => tokenEmbedding("Q6_K", randomBlocks(1), 128)).toThrow(
      new ModelError("token_embd.weight: rows of 128 are no blocks of 256"),
    );
  });
});

/** A row times the rounded vector in 64 bits, weight by weight. */
function plainProducts(token: number): number[] {
  const row = dequantizeQ6k(table, token * width, (token + 1) * width);
  return [...row].map((weight, at) => weight * (values[at] ?? 0) * (scales[at >> 8] ?? 0));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The product, number by number into lanes: of every 32 weights, lane i has 4i to 4i + 3. */
function laneProduct(token: number): number {
  let lanes: number[] = new Array(8).fill(0);
  for (let block = 0; block < width / 256; block++) {
    const sums: number[] = new Array(8).fill(0);
    for (let at = block * 256; at < (block + 1) * 256; at++) {
      const lane = Math.floor((at % 32) / 4);
      const weight = table.weights[token * width + at] ?? 0;
      const scale = table.groupScales[(token * width + at) >> 4] ?? 0;
      sums[lane] = (sums[lane] ?? 0) + weight * scale * (values[at] ?? 0);
    }
    const blockScale = table.blockScales[(token * width) / 256 + block] ?? 0;
    const scale = fround(blockScale * (scales[block] ?? 0));
    lanes = lanes.map((lane, index) => fround(lane + scale * (sums[index] ?? 0)));
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = lanes;
  return fround(fround(fround(a + e) + fround(c + g)) + fround(fround(b + f) + fround(d + h)));
}

/** Blocks of any weights, with small scales. */
function randomBlocks(count: number): Uint8Array {
  const random = new MersenneTwister(1);
  const blocks = Uint8Array.from({ length: count * 210 }, () => random.nextUint32());
  for (let end = 210; end <= blocks.length; end += 210) blocks[end - 1] = 0x1c; // about 0.004
  return blocks;
}
