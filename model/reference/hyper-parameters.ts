/** The shape of a BitNet model, read from its file's metadata. */
import { architectureName, type HyperParameters } from "../formats/model-shape.ts";
import type { Gguf } from "../gguf.ts";
import type { GgufValue } from "../gguf-format.ts";
import { laneCount } from "./lane-sums.ts";

/** A well-formed GGUF file that cannot be run; `message` is worded like llama.cpp's. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}

/** Reads and checks the shape. Throws ModelError. */
export function readHyperParameters({ metadata }: Gguf): HyperParameters {
  const architecture = metadata.get("general.architecture")?.value;
  if (architecture !== architectureName) {
    const found = `unknown model architecture: '${architecture ?? ""}'`;
    throw new ModelError(`error loading model architecture: ${found}`);
  }
  const width = count(metadata, "embedding_length");
  const heads = count(metadata, "attention.head_count");
  const tokens = metadata.get("tokenizer.ggml.tokens")?.value;
  const parameters = {
    vocabularySize: Array.isArray(tokens) ? tokens.length : 0,
    contextLength: count(metadata, "context_length"),
    width,
    feedForwardWidth: count(metadata, "feed_forward_length"),
    layers: count(metadata, "block_count"),
    heads,
    keyValueHeads: count(metadata, "attention.head_count_kv"),
    headSize: width / heads,
    normEpsilon: real(metadata, "attention.layer_norm_rms_epsilon"),
    ropeBase: real(metadata, "rope.freq_base"),
  };
  check(parameters, count(metadata, "rope.dimension_count"));
  return parameters;
}

function check(parameters: HyperParameters, rotatedSize: number): void {
  const { headSize, heads, keyValueHeads, vocabularySize } = parameters;
  const rules: readonly [boolean, string][] = [
    [Number.isInteger(headSize), "embedding_length is no multiple of attention.head_count"],
    [heads % keyValueHeads === 0, "head_count is no multiple of head_count_kv"],
    [headSize % laneCount === 0, `a head size of ${headSize} is no multiple of 32`],
    [rotatedSize === headSize, `rope.dimension_count ${rotatedSize} is not the head size`],
    [vocabularySize > 1, "the vocabulary is empty"],
  ];
  for (const [holds, problem] of rules) {
    if (!holds) throw new ModelError(`error loading model hyperparameters: ${problem}`);
  }
}

function count(metadata: ReadonlyMap<string, GgufValue>, key: string): number {
  const value = real(metadata, key);
  if (Number.isInteger(value) && value > 0) return value;
  throw new ModelError(`error loading model hyperparameters: bad value ${value} for ${key}`);
}

function real(metadata: ReadonlyMap<string, GgufValue>, key: string): number {
  const value = metadata.get(`${architectureName}.${key}`)?.value;
  if (typeof value === "number") return value;
  const missing = `key not found in model: ${architectureName}.${key}`;
  throw new ModelError(`error loading model hyperparameters: ${missing}`);
}
