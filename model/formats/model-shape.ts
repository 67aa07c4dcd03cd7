/** The architecture's name in a model file's metadata. */
export const architectureName = "bitnet-b1.58";

/** Sizes and constants of the transformer. In brackets: BitNet b1.58 2B4T. */
export interface HyperParameters {
  readonly vocabularySize: number; // tokens [128256]
  readonly contextLength: number; // positions seen in training [4096]
  readonly width: number; // features of a token's vector [2560]
  readonly feedForwardWidth: number; // [6912]
  readonly layers: number; // [30]
  readonly heads: number; // query heads [20]
  readonly keyValueHeads: number; // shared by groups of query heads [5]
  readonly headSize: number; // width / heads [128]
  readonly normEpsilon: number; // [1e-5]
  readonly ropeBase: number; // [500000]
}
