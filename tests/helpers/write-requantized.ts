import { quantizeQ6k } from "../../model/formats/q6k-quantizer.ts";
import { type Gguf, type GgufTensor, readGguf, readTensorBytes } from "../../model/gguf.ts";
import {
  embeddingName,
  GgufError,
  type GgufTensorType,
  type GgufValue,
} from "../../model/gguf-format.ts";
import type { GgufTensorSource } from "../../model/gguf-writer.ts";
import { writeGguf } from "./write-gguf.ts";

/** Changes: the embedding's type (as it is, or Q6_K for F16), and metadata to add or replace. */
export interface Requantization {
  readonly embeddingType: GgufTensorType;
  readonly metadata?: ReadonlyMap<string, GgufValue>;
}

/**
 * Writes a model with its embedding in another type, by a simpler quantizer than llama-quantize's.
 *
 * @throws GgufError for a model that cannot be read, or an embedding that cannot be changed so
 */
export function writeRequantized(
  from: string,
  to: string,
  { embeddingType, metadata = new Map() }: Requantization,
): void {
  const model = readGguf(from);
  const tensors = model.tensors.map((tensor) => {
    const type = tensor.name === embeddingName ? embeddingType : tensor.type;
    return requantized(model, tensor, type);
  });
  writeGguf(to, { metadata: new Map([...model.metadata, ...metadata]), tensors });
}

/** A tensor in another type, or as it is. */
function requantized(model: Gguf, tensor: GgufTensor, type: GgufTensorType): GgufTensorSource {
  const { name, type: present } = tensor;
  const bytes = () => readTensorBytes(model, tensor);
  if (type === present) return { ...tensor, chunks: () => [bytes()] };
  if (present === "F16" && type === "Q6_K") {
    return { ...tensor, type, chunks: () => [quantizeQ6k(bytes())] };
  }
  throw new GgufError(`${name} is ${present}: it cannot become ${type} here`);
}
