/** The tensors of a BitNet model, found by name and checked by shape. */
import type { HyperParameters } from "../formats/model-shape.ts";
import { type Gguf, readTensorBytes } from "../gguf.ts";
import { embeddingName, layerTensorName, outputNormName } from "../gguf-format.ts";
import { BitLinear } from "./bit-linear.ts";
import { ModelError } from "./hyper-parameters.ts";
import { type TokenEmbedding, tokenEmbedding } from "./token-embedding.ts";

/** All weights. Shapes are (rows, columns): a matrix maps `columns` features to `rows`. */
export type Weights = ReturnType<typeof readWeights>;

/** One layer: attention, then the feed-forward part. */
export type LayerWeights = ReturnType<typeof readLayer>;

/**
 * Reads every tensor, `i2sBlock` weights to a block of I2_S. Throws ModelError for a missing,
 * misshapen or mistyped one.
 */
export function readWeights(gguf: Gguf, i2sBlock: number, parameters: HyperParameters) {
  const tensors = new TensorTable(gguf, i2sBlock);
  const { vocabularySize, width, layers } = parameters;
  return {
    embedding: tensors.embedding(embeddingName, vocabularySize, width), // both ends of the model
    outputNorm: tensors.vector(outputNormName, width),
    layers: Array.from({ length: layers }, (_, layer) => readLayer(tensors, layer, parameters)),
  };
}

function readLayer(tensors: TensorTable, layer: number, parameters: HyperParameters) {
  const { width, feedForwardWidth, keyValueHeads, headSize } = parameters;
  const name = (part: string) => layerTensorName(layer, part);
  return {
    attentionNorm: tensors.vector(name("attn_norm"), width),
    query: tensors.ternary(name("attn_q"), width, width),
    key: tensors.ternary(name("attn_k"), keyValueHeads * headSize, width),
    value: tensors.ternary(name("attn_v"), keyValueHeads * headSize, width),
    attentionSubNorm: tensors.vector(name("attn_sub_norm"), width),
    attentionOutput: tensors.ternary(name("attn_output"), width, width),
    feedForwardNorm: tensors.vector(name("ffn_norm"), width),
    gate: tensors.ternary(name("ffn_gate"), feedForwardWidth, width),
    up: tensors.ternary(name("ffn_up"), feedForwardWidth, width),
    feedForwardSubNorm: tensors.vector(name("ffn_sub_norm"), feedForwardWidth),
    down: tensors.ternary(name("ffn_down"), width, feedForwardWidth),
  } as const;
}

class TensorTable {
  readonly #gguf: Gguf;
  readonly #i2sBlock: number;

  constructor(gguf: Gguf, i2sBlock: number) {
    this.#gguf = gguf;
    this.#i2sBlock = i2sBlock;
  }

  vector(name: string, length: number): Float32Array {
    const { bytes } = this.#take(name, [length], "F32");
    return new Float32Array(bytes.buffer, bytes.byteOffset, length);
  }

  ternary(name: string, rows: number, columns: number): BitLinear {
    const { bytes } = this.#take(name, [columns, rows], "I2_S");
    const block = this.#i2sBlock;
    if (columns % block !== 0) {
      throw new ModelError(`tensor '${name}': rows of ${columns} are no blocks of ${block}`);
    }
    return new BitLinear(bytes, { rows, columns }, block);
  }

  embedding(name: string, rows: number, columns: number): TokenEmbedding {
    const { type, bytes } = this.#take(name, [columns, rows]);
    return tokenEmbedding(type, bytes, columns);
  }

  #take(name: string, shape: readonly number[], expectedType?: string) {
    const tensor = this.#gguf.tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw new ModelError(`check_tensor_dims: tensor '${name}' not found`);
    const { type, dimensions } = tensor;
    if (String(dimensions) !== String(shape)) {
      const shapes = `expected ${shape.join(", ")}, got ${dimensions.join(", ")}`;
      throw new ModelError(`check_tensor_dims: tensor '${name}' has wrong shape; ${shapes}`);
    }
    if (type !== (expectedType ?? type)) {
      throw new ModelError(`tensor '${name}' is ${type}, expected ${expectedType}`);
    }
    return { type, bytes: readTensorBytes(this.#gguf, tensor) };
  }
}
