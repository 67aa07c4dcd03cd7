import { createHash } from "node:crypto";
import { type Gguf, type GgufTensor, readGguf, readTensorBytes } from "./gguf.ts";
import { embeddingName } from "./gguf-format.ts";
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
  const [original, requantized] = [readGguf(originalPath), readGguf(requantizedPath)];
  const hasPreTokenizer = requantized.metadata.has(preTokenizerKey);
  const problems = [
    ...(hasPreTokenizer ? [] : [`the key ${preTokenizerKey} is missing`]),
    ...embeddingProblems(requantized, embeddingType),
    ...tensorProblems(original, requantized),
  ];
  if (problems.length === 0) return;
  const list = problems.map((problem) => `\n  - ${problem}`).join("");
  throw new UserError(`${requantizedPath} is not the requantized model:${list}`);
}

function embeddingProblems({ tensors }: Gguf, embeddingType: string): string[] {
  const type = tensors.find(({ name }) => name === embeddingName)?.type;
  return type === embeddingType ? [] : [`${embeddingName} is ${type}, not ${embeddingType}`];
}

function tensorProblems(original: Gguf, requantized: Gguf): string[] {
  const names = ({ tensors }: Gguf) => tensors.map(({ name }) => name).join();
  if (names(original) !== names(requantized)) return ["it has other tensors"];
  return original.tensors.flatMap((tensor, index) => {
    const counterpart = requantized.tensors[index];
    if (tensor.name === embeddingName || !counterpart) return [];
    const isSame = digest(original, tensor) === digest(requantized, counterpart);
    return isSame ? [] : [`the tensor ${tensor.name} has changed`];
  });
}

function digest(model: Gguf, tensor: GgufTensor): string {
  const bytes = createHash("sha256").update(readTensorBytes(model, tensor)).digest("hex");
  return `${tensor.type} ${tensor.dimensions} ${bytes}`;
}
