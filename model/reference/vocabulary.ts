/** The tokens of a model: their text, their kind, and which of them end a text. */
import { alphabetToBytes } from "../formats/byte-alphabet.ts";
import type { Gguf } from "../gguf.ts";
import { ModelError } from "./hyper-parameters.ts";

/** Token kinds by their code in `tokenizer.ggml.token_type`. */
const tokenKind = { normal: 1, unknown: 2, control: 3, userDefined: 4 } as const;

/** Texts of the tokens that end generation: llm_load_vocab of llama.cpp@1f86f058. */
// biome-ignore format: one list
const endOfGenerationTexts: ReadonlySet<string> = new Set([
  "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "<EOT>",
]);

/** The vocabulary of a byte-level BPE model. */
export interface Vocabulary {
  readonly size: number;
  readonly beginningOfText: number;
  readonly endOfText: number;
  /** Whether every prompt is to start with `beginningOfText`. */
  readonly addsBeginningOfText: boolean;
  /** Tokens at which generation ends. */
  readonly endOfGeneration: ReadonlySet<number>;
  /** Tokens that are matched as whole words in a prompt, longest text first. */
  readonly special: readonly { readonly token: number; readonly text: string }[];
  /** Token by its text, in the byte alphabet. */
  readonly tokens: ReadonlyMap<string, number>;
  /** Rank of a merge, written "left right"; a lower rank merges first. */
  readonly mergeRanks: ReadonlyMap<string, number>;
  /** Text of a token as bytes; `withControl` also spells out control tokens. */
  bytesOf(token: number, withControl: boolean): Uint8Array;
}

/** Reads the vocabulary. Throws ModelError for a tokenizer that this engine does not know. */
export function readVocabulary({ metadata }: Gguf): Vocabulary {
  const value = (key: string) => metadata.get(`tokenizer.ggml.${key}`)?.value;
  checkKind(value("model"), value("pre"));
  const texts = strings(value("tokens"), "tokens");
  const kinds = value("token_type");
  const isKind = (token: number, ...codes: number[]) =>
    Array.isArray(kinds) && codes.includes(Number(kinds[token]));
  const special = texts
    .map((text, token) => ({ token, text }))
    .filter(({ token }) =>
      isKind(token, tokenKind.unknown, tokenKind.control, tokenKind.userDefined),
    )
    .sort((a, b) => b.text.length - a.text.length);
  const endOfText = tokenId(value("eos_token_id"), "eos_token_id", texts.length);
  return {
    size: texts.length,
    beginningOfText: tokenId(value("bos_token_id"), "bos_token_id", texts.length),
    endOfText,
    addsBeginningOfText: value("add_bos_token") !== false,
    endOfGeneration: new Set([
      endOfText,
      ...[...texts.keys()].filter((token) => endOfGenerationTexts.has(texts[token] ?? "")),
    ]),
    special,
    tokens: new Map(texts.map((text, token) => [text, token])),
    mergeRanks: new Map(strings(value("merges"), "merges").map((merge, rank) => [merge, rank])),
    bytesOf: (token, withControl) => {
      const text = texts[token] ?? "";
      const isControl = isKind(token, tokenKind.control, tokenKind.unknown);
      if (isControl) return Buffer.from(withControl ? text : "");
      return isKind(token, tokenKind.userDefined) ? Buffer.from(text) : alphabetToBytes(text);
    },
  };
}

/** The bytes before the first NUL, where llama.cpp ends the text of a token. */
export function untilNul(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}

function checkKind(model: unknown, preTokenizer: unknown): void {
  if (model !== "gpt2") refuse(`unknown tokenizer: '${model}'`);
  if (preTokenizer === undefined) refuse("missing pre-tokenizer type (tokenizer.ggml.pre)");
  if (!llama3PreTokenizers.includes(String(preTokenizer))) {
    refuse(`unknown pre-tokenizer type: '${preTokenizer}'`);
  }
}

const llama3PreTokenizers: readonly string[] = ["llama-bpe", "llama3", "llama-v3", "falcon3"];

function strings(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  return refuse(`cannot find tokenizer ${key}`);
}

function tokenId(value: unknown, key: string, size: number): number {
  if (typeof value === "number" && value >= 0 && value < size) return value;
  return refuse(`${key} is missing or out of range`);
}

function refuse(problem: string): never {
  throw new ModelError(`error loading model vocabulary: ${problem}`);
}
