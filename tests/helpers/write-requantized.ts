import { renameSync, rmSync } from "node:fs";
import { type ByteSource, openByteSource } from "../../model/byte-source.ts";
import { quantizeQ6k } from "../../model/formats/q6k-quantizer.ts";
import { type Gguf, type GgufTensor, readGguf } from "../../model/gguf.ts";
import {
  embeddingName,
  GgufError,
  type GgufTensorType,
  type GgufValue,
} from "../../model/gguf-format.ts";
import { type GgufTensorSource, writeGguf } from "../../model/gguf-writer.ts";

/** F16 bytes at a time: whole blocks of Q6_K, and little memory. */
const chunkBytes = 4 * 1024 * 1024;

/** Changes: the embedding's type (as it is, or Q6_K for F16), and metadata to add or replace. */
export interface Requantization {
  readonly embeddingType: GgufTensorType;
  readonly metadata?: ReadonlyMap<string, GgufValue>;
}

/**
 * Writes a model with its embedding in another type, by a simpler quantizer than llama-quantize's.
 * The file gets its name when it is complete.
 *
 * @throws GgufError for a model that cannot be read, or an embedding that cannot be changed so
 */
export function writeRequantized(
  from: string,
  to: string,
  { embeddingType, metadata = new Map() }: Requantization,
): void {
  const source = openByteSource(from);
  const partial = `${to}.partial`;
  try {
    const model = readGguf(source);
    const tensors = model.tensors.map((tensor) => {
      const type = tensor.name === embeddingName ? embeddingType : tensor.type;
      return requantized({ source, model, tensor }, type);
    });
    writeGguf(partial, { metadata: new Map([...model.metadata, ...metadata]), tensors });
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    source.close();
  }
}

interface StoredTensor {
  readonly source: ByteSource;
  readonly model: Gguf;
  readonly tensor: GgufTensor;
}

/** A tensor in another type, or as it is. */
function requantized(stored: StoredTensor, type: GgufTensorType): GgufTensorSource {
  const { name, type: present, dimensions } = stored.tensor;
  if (type === present) return { ...stored.tensor, chunks: () => chunksOf(stored) };
  if (present !== "F16" || type !== "Q6_K") {
    throw new GgufError("malformed", `${name} is ${present}: it cannot become ${type} here`, name);
  }
  function* chunks() {
    for (const chunk of chunksOf(stored)) yield quantizeQ6k(chunk);
  }
  return { name, type, dimensions, chunks };
}

function* chunksOf({ source, model, tensor }: StoredTensor): Generator<Uint8Array> {
  for (let done = 0; done < tensor.byteLength; done += chunkBytes) {
    const length = Math.min(chunkBytes, tensor.byteLength - done);
    yield source.read(model.dataOffset + tensor.offset + done, length);
  }
}
