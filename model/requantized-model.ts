import { renameSync, rmSync } from "node:fs";
import { type ByteSource, openByteSource } from "./byte-source.ts";
import { quantizeQ6k } from "./formats/q6k-quantizer.ts";
import { type Gguf, type GgufTensor, type GgufTensorType, readGguf } from "./gguf.ts";
import { GgufError } from "./gguf-error.ts";
import type { GgufValue } from "./gguf-value.ts";
import { type GgufTensorSource, writeGguf } from "./gguf-writer.ts";
import { partialPath } from "./partial-file.ts";
import { embeddingName } from "./tensor-names.ts";

/** F16 bytes at a time: whole blocks of Q6_K, and little memory. */
const chunkBytes = 4 * 1024 * 1024;

/** What is to become of a model. */
export interface Requantization {
  /** Type of the token embedding: the one it has, or Q6_K for an F16 one. */
  readonly embeddingType: GgufTensorType;
  /** Metadata to add or replace. */
  readonly metadata?: ReadonlyMap<string, GgufValue>;
}

/**
 * Writes a model with its embedding in another type, and copies all else: what llama-quantize does
 * with `--token-embedding-type`, but for the search in its quantizer (see `quantizeQ6k`). The file
 * gets its name when it is whole.
 *
 * @throws GgufError for a model that cannot be read, or an embedding that cannot be so changed
 */
export function writeRequantized(
  from: string,
  to: string,
  { embeddingType, metadata = new Map() }: Requantization,
): void {
  const source = openByteSource(from);
  const partial = partialPath(to);
  try {
    const model = readGguf(source);
    const tensors = model.tensors.map((tensor) =>
      tensor.name === embeddingName
        ? requantized({ source, model, tensor }, embeddingType)
        : copied({ source, model, tensor }),
    );
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

function copied(stored: StoredTensor): GgufTensorSource {
  return { ...stored.tensor, chunks: () => chunksOf(stored) };
}

function requantized(stored: StoredTensor, type: GgufTensorType): GgufTensorSource {
  const { name, type: present, dimensions } = stored.tensor;
  if (type === present) return copied(stored);
  if (present !== "F16" || type !== "Q6_K") {
    throw new GgufError("malformed", `${name} is ${present}: it cannot become ${type} here`, name);
  }
  return {
    name,
    type,
    dimensions,
    *chunks() {
      for (const chunk of chunksOf(stored)) yield quantizeQ6k(chunk);
    },
  };
}

function* chunksOf({ source, model, tensor }: StoredTensor): Generator<Uint8Array> {
  for (let done = 0; done < tensor.byteLength; done += chunkBytes) {
    const length = Math.min(chunkBytes, tensor.byteLength - done);
    yield source.read(model.dataOffset + tensor.offset + done, length);
  }
}
