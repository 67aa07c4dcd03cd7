import { architectureName } from "./formats/model-shape.ts";
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
    const model = readGguf(path);
    const problems = problemsOf(model);
    if (problems.length > 0) throw unsuitable(path, problems);
    return summarize(model);
  } catch (error) {
    if (error instanceof GgufError) throw unsuitable(path, [error.message], error);
    throw error;
  }
}

/** Everything that keeps a model from being served. */
function problemsOf({ metadata, tensors }: Gguf): string[] {
  const architecture = metadata.get("general.architecture")?.value;
  const tokenizer = metadata.get("tokenizer.ggml.model")?.value;
  const embedding = tensors.find(({ name }) => name === embeddingName);
  const context = numberOf(metadata.get(contextLengthKey)?.value);
  const words = vocabularySize(metadata);
  const rows = embedding?.dimensions[1];
  const badTokens = endTokenKeys.filter((key) => {
    const id = metadata.get(key)?.value;
    return typeof id !== "number" || id < 0 || id >= words;
  });
  const findings: [isWrong: boolean, problem: string][] = [
    [
      architecture !== architectureName,
      `its architecture is ${architecture ?? "missing"}; it must be ${architectureName}`,
    ],
    [
      !tensors.some(({ type }) => type === "I2_S"),
      "no tensor has the ternary type I2_S: take the file that is named i2_s",
    ],
    [embedding === undefined, `the tensor ${embeddingName} is missing`],
    [
      !["F16", "Q6_K", undefined].includes(embedding?.type),
      `its embedding is ${embedding?.type}; it must be F16 or Q6_K`,
    ],
    [
      context < minimumContextTokens,
      `its context of ${context} tokens is shorter than ${minimumContextTokens}`,
    ],
    [
      tokenizer !== "gpt2",
      `its tokenizer is ${tokenizer ?? "missing"}; it must be gpt2 (byte-pair encoding)`,
    ],
    [words !== rows, `its vocabulary has ${words} tokens, its embedding ${rows}`],
    [badTokens.length > 0, `no valid token id in ${badTokens.join(", ")}`],
  ];
  return findings.flatMap(([isWrong, problem]) => (isWrong ? [problem] : []));
}

const contextLengthKey = `${architectureName}.context_length`;
const endTokenKeys = ["tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id"] as const;

function summarize({ metadata, tensors, size }: Gguf): ModelSummary {
  const tensorTypes: Record<string, number> = {};
  for (const { type } of tensors) tensorTypes[type] = (tensorTypes[type] ?? 0) + 1;
  return {
    name: String(metadata.get("general.name")?.value ?? "unnamed"),
    layers: numberOf(metadata.get(`${architectureName}.block_count`)?.value),
    contextTokens: numberOf(metadata.get(contextLengthKey)?.value),
    vocabulary: vocabularySize(metadata),
    tensorTypes,
    embeddingType: tensors.find(({ name }) => name === embeddingName)?.type ?? "missing",
    lacksPreTokenizer: !metadata.has("tokenizer.ggml.pre"),
    bytes: size,
  };
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
