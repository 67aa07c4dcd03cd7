/** The tensors of a BitNet model, found by name and checked by shape. */
import type { ByteSource } from "../byte-source.ts";
import type { HyperParameters } from "../formats/model-shape.ts";
import { type Gguf, type GgufTensor, readTensorBytes } from "../gguf.ts";
import { embeddingName, layerTensorName, outputNormName } from "../gguf-format.ts";
import { BitLinear } from "./bit-linear.ts";
import { ModelError } from "./hyper-parameters.ts";
import { type TokenEmbedding, tokenEmbedding } from "./token-embedding.ts";

/** All weights. Shapes are (rows, columns): a matrix maps `columns` features to `rows`. */
export interface Weights {
  readonly embedding: TokenEmbedding; // (vocabulary, width), both ends of the model
  readonly layers: readonly LayerWeights[];
  readonly outputNorm: Float32Array; // (width)
}

/** One layer: attention, then the feed-forward part. */
export interface LayerWeights {
  readonly attentionNorm: Float32Array; // (width)
  readonly query: BitLinear; // (heads * headSize, width)
  readonly key: BitLinear; // (keyValueHeads * headSize, width)
  readonly value: BitLinear; // (keyValueHeads * headSize, width)
  readonly attentionSubNorm: Float32Array; // (width)
  readonly attentionOutput: BitLinear; // (width, width)
  readonly feedForwardNorm: Float32Array; // (width)
  readonly gate: BitLinear; // (feedForwardWidth, width)
  readonly up: BitLinear; // (feedForwardWidth, width)
  readonly feedForwardSubNorm: Float32Array; // (feedForwardWidth)
  readonly down: BitLinear; // (width, feedForwardWidth)
}

/** Where the weights come from, and how many weights make a block of I2_S. */
export interface WeightSource {
  readonly source: ByteSource;
  readonly gguf: Gguf;
  readonly i2sBlock: number;
}

/** Reads every tensor. Throws ModelError for a missing, misshapen, mistyped or surplus one. */
export function readWeights(from: WeightSource, parameters: HyperParameters): Weights {
  const tensors = new TensorTable(from);
  const { vocabularySize, width, layers } = parameters;
  const weights = {
    embedding: tensors.embedding(embeddingName, vocabularySize, width),
    outputNorm: tensors.vector(outputNormName, width),
    layers: Array.from({ length: layers }, (_, layer) => readLayer(tensors, layer, parameters)),
  };
  tensors.checkAllUsed();
  return weights;
}

function readLayer(tensors: TensorTable, layer: number, parameters: HyperParameters): LayerWeights {
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
  };
}

class TensorTable {
  readonly #from: WeightSource;
  readonly #unused: Map<string, GgufTensor>;

  constructor(from: WeightSource) {
    this.#from = from;
    this.#unused = new Map(from.gguf.tensors.map((tensor) => [tensor.name, tensor]));
  }

  vector(name: string, length: number): Float32Array {
    const tensor = this.#take(name, [length]);
    checkType(tensor, "F32");
    const bytes = this.#bytes(tensor);
    return new Float32Array(bytes.buffer, bytes.byteOffset, length);
  }

  ternary(name: string, rows: number, columns: number): BitLinear {
    const tensor = this.#take(name, [columns, rows]);
    checkType(tensor, "I2_S");
    const block = this.#from.i2sBlock;
    if (columns % block !== 0) {
      throw new ModelError(`tensor '${name}': rows of ${columns} are no blocks of ${block}`);
    }
    return new BitLinear(this.#bytes(tensor), { rows, columns }, block);
  }

  embedding(name: string, rows: number, columns: number): TokenEmbedding {
    const tensor = this.#take(name, [columns, rows]);
    return tokenEmbedding(tensor.type, this.#bytes(tensor), columns);
  }

  checkAllUsed(): void {
    if (this.#unused.size === 0) return;
    const expected = this.#from.gguf.tensors.length;
    const got = expected - this.#unused.size;
    throw new ModelError(
      `done_getting_tensors: wrong number of tensors; expected ${expected}, got ${got}`,
    );
  }

  #take(name: string, shape: readonly number[]): GgufTensor {
    const tensor = this.#unused.get(name);
    if (!tensor) throw new ModelError(`check_tensor_dims: tensor '${name}' not found`);
    this.#unused.delete(name);
    if (String(tensor.dimensions) !== String(shape)) {
      const shapes = `expected ${shape.join(", ")}, got ${tensor.dimensions.join(", ")}`;
      throw new ModelError(`check_tensor_dims: tensor '${name}' has wrong shape; ${shapes}`);
    }
    return tensor;
  }

  #bytes(tensor: GgufTensor): Uint8Array<ArrayBuffer> {
    return readTensorBytes(this.#from.source, this.#from.gguf, tensor);
  }
}

function checkType({ name, type }: GgufTensor, expected: string): void {
  if (type !== expected) throw new ModelError(`tensor '${name}' is ${type}, expected ${expected}`);
}
