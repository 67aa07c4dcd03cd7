import { openByteSource } from "./byte-source.ts";
import { type Gguf, readGguf } from "./gguf.ts";
import { embeddingName, GgufError } from "./gguf-format.ts";
import { UserError } from "./user-error.ts";

/** Summary of a model file. */
export interface ModelSummary {
  readonly name: string;
  readonly layers: number;
  readonly contextTokens: number;
  readonly vocabulary: number;
  /** Tensor type → how many. */
  readonly tensorTypes: Readonly<Record<string, number>>;
  /** Type of the token embedding: F16 or Q6_K. */
  readonly embeddingType: string;
  /** `tokenizer.ggml.pre` is missing, so that the engine would split text wrongly. */
  readonly lacksPreTokenizer: boolean;
  readonly bytes: number;
}

/** Shortest context that the runtime can be configured for, in tokens. */
const minimumContextTokens = 64;

/**
 * Summarizes a model file, and refuses one that this project cannot serve.
 *
 * @throws UserError that lists every reason
 */
export function checkModel(path: string): ModelSummary {
  try {
    const source = openByteSource(path);
    try {
      const model = readGguf(source);
      const problems = requirements.flatMap((requirement) => requirement(model) ?? []);
      if (problems.length > 0) throw unsuitable(path, problems);
      return summarize(model, source.size);
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof GgufError) throw unsuitable(path, [error.message], error);
    throw error;
  }
}

/** Each returns what is wrong, or `undefined`. */
const requirements: readonly ((model: Gguf) => string | undefined)[] = [
  ({ metadata }) => {
    const architecture = metadata.get("general.architecture")?.value;
    return architecture === "bitnet-b1.58"
      ? undefined
      : `its architecture is ${architecture ?? "missing"}; it must be bitnet-b1.58`;
  },
  ({ tensors }) =>
    tensors.some(({ type }) => type === "I2_S")
      ? undefined
      : "no tensor has the ternary type I2_S: take the file that is named i2_s",
  ({ tensors }) => {
    const embedding = tensors.find(({ name }) => name === embeddingName);
    if (!embedding) return `the tensor ${embeddingName} is missing`;
    return embedding.type === "F16" || embedding.type === "Q6_K"
      ? undefined
      : `its embedding is ${embedding.type}; it must be F16 or Q6_K`;
  },
  (model) =>
    contextTokens(model) >= minimumContextTokens
      ? undefined
      : `its context of ${contextTokens(model)} tokens is shorter than ${minimumContextTokens}`,
  ({ metadata }) => {
    const kind = metadata.get("tokenizer.ggml.model")?.value;
    return kind === "gpt2"
      ? undefined
      : `its tokenizer is ${kind ?? "missing"}; it must be gpt2 (byte-pair encoding)`;
  },
  ({ metadata, tensors }) => {
    const words = vocabularySize(metadata);
    const rows = tensors.find(({ name }) => name === embeddingName)?.dimensions[1];
    return words === rows ? undefined : `its vocabulary has ${words} tokens, its embedding ${rows}`;
  },
  ({ metadata }) => {
    const missing = endTokenKeys.filter((key) => {
      const id = metadata.get(key)?.value;
      return typeof id !== "number" || id < 0 || id >= vocabularySize(metadata);
    });
    return missing.length === 0 ? undefined : `no valid token id in ${missing.join(", ")}`;
  },
];

const endTokenKeys = ["tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id"] as const;

function summarize(model: Gguf, bytes: number): ModelSummary {
  const { metadata, tensors } = model;
  const tensorTypes: Record<string, number> = {};
  for (const { type } of tensors) tensorTypes[type] = (tensorTypes[type] ?? 0) + 1;
  return {
    name: String(metadata.get("general.name")?.value ?? "unnamed"),
    layers: numberOf(metadata.get("bitnet-b1.58.block_count")?.value),
    contextTokens: contextTokens(model),
    vocabulary: vocabularySize(metadata),
    tensorTypes,
    embeddingType: tensors.find(({ name }) => name === embeddingName)?.type ?? "missing",
    lacksPreTokenizer: !metadata.has("tokenizer.ggml.pre"),
    bytes,
  };
}

function contextTokens({ metadata }: Gguf): number {
  return numberOf(metadata.get("bitnet-b1.58.context_length")?.value);
}

function vocabularySize(metadata: Gguf["metadata"]): number {
  const tokens = metadata.get("tokenizer.ggml.tokens");
  return tokens?.type === "array" ? tokens.value.length : 0;
}

const numberOf = (value: unknown) => (typeof value === "number" ? value : 0);

function unsuitable(path: string, problems: readonly string[], cause?: unknown): UserError {
  const list = problems.map((problem) => `\n  - ${problem}`).join("");
  return new UserError(`${path} cannot be served:${list}`, { cause });
}
