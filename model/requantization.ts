import { createHash } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { type ByteSource, openByteSource } from "./byte-source.ts";
import { quantizeQ6k } from "./formats/q6k-quantizer.ts";
import { type Gguf, type GgufTensor, readGguf, readTensorBytes } from "./gguf.ts";
import { embeddingName, GgufError, type GgufTensorType, type GgufValue } from "./gguf-format.ts";
import { type GgufTensorSource, writeGguf } from "./gguf-writer.ts";
import { UserError } from "./user-error.ts";

/** The key that the published file lacks, and llama-quantize adds. */
const preTokenizerKey = "tokenizer.ggml.pre";

/**
 * Checks that a requantized model differs from its original in nothing but the embedding's type and
 * the pre-tokenizer's name: same tensors in the same order, all others byte for byte.
 *
 * @throws UserError that lists every difference
 */
export function checkRequantized(
  originalPath: string,
  requantizedPath: string,
  embeddingType: string,
): void {
  const [original, requantized] = [open(originalPath), open(requantizedPath)];
  try {
    const problems = [
      ...(requantized.model.metadata.has(preTokenizerKey)
        ? []
        : [`the key ${preTokenizerKey} is missing`]),
      ...embeddingProblems(requantized.model, embeddingType),
      ...tensorProblems(original, requantized),
    ];
    if (problems.length === 0) return;
    const list = problems.map((problem) => `\n  - ${problem}`).join("");
    throw new UserError(`${requantizedPath} is not the requantized model:${list}`);
  } finally {
    original.source.close();
    requantized.source.close();
  }
}

interface OpenModel {
  readonly source: ByteSource;
  readonly model: Gguf;
}

function open(path: string): OpenModel {
  const source = openByteSource(path);
  return { source, model: readGguf(source) };
}

function embeddingProblems({ tensors }: Gguf, embeddingType: string): string[] {
  const type = tensors.find(({ name }) => name === embeddingName)?.type;
  return type === embeddingType ? [] : [`${embeddingName} is ${type}, not ${embeddingType}`];
}

function tensorProblems(original: OpenModel, requantized: OpenModel): string[] {
  const names = ({ model }: OpenModel) => model.tensors.map(({ name }) => name).join();
  if (names(original) !== names(requantized)) return ["it has other tensors"];
  return original.model.tensors.flatMap((tensor, index) => {
    const counterpart = requantized.model.tensors[index];
    if (tensor.name === embeddingName || !counterpart) return [];
    const isSame = digest(original, tensor) === digest(requantized, counterpart);
    return isSame ? [] : [`the tensor ${tensor.name} has changed`];
  });
}

function digest({ source, model }: OpenModel, tensor: GgufTensor): string {
  const bytes = createHash("sha256")
    .update(readTensorBytes(source, model, tensor))
    .digest("hex");
  return `${tensor.type} ${tensor.dimensions} ${bytes}`;
}

/** F16 bytes at a time: whole blocks of Q6_K, and little memory. */
const chunkBytes = 4 * 1024 * 1024;

/** Changes: the embedding's type (as it is, or Q6_K for F16), and metadata to add or replace. */
export interface Requantization {
  readonly embeddingType: GgufTensorType;
  readonly metadata?: ReadonlyMap<string, GgufValue>;
}

/**
 * Writes a model with its embedding in another type, by a simpler quantizer than llama-quantize's,
 * for tests and measurements. The file gets its name when it is complete.
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
