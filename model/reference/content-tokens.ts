import { JsonError, type JsonValue, jsonKind } from "./json-value.ts";
import { ServerError } from "./server-error.ts";
import { tokenize, tokenizePrompt } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Tokens of what a request gives as text, as tokens, or as a list of both. `addsStart` lets text in
 * first place begin with the beginning-of-text token. Throws JsonError, or ServerError for a token
 * outside the vocabulary.
 *
 * Source: tokenize of examples/server/server.cpp, llama.cpp@1f86f058 (read 2026-11).
 */
export function contentTokens(
  content: JsonValue,
  vocabulary: Vocabulary,
  addsStart: boolean,
): number[] {
  const parts = Array.isArray(content) ? content : [content];
  return parts.flatMap((part, index) => {
    if (typeof part !== "string") return [tokenOf(part, vocabulary)];
    return addsStart && index === 0 ? tokenizePrompt(part, vocabulary) : tokenize(part, vocabulary);
  });
}

/** A token's number. Throws as `contentTokens` does. */
export function tokenOf(value: JsonValue, { size }: Vocabulary): number {
  if (typeof value !== "bigint" && typeof value !== "number") {
    const problem = `type must be number, but is ${jsonKind(value)}`;
    throw new JsonError(`[json.exception.type_error.302] ${problem}`);
  }
  const token = Math.trunc(Number(value));
  if (token >= 0 && token < size) return token;
  throw new ServerError(
    "server_error",
    "Input prompt is too big compared to KV size. Please try increasing KV size.",
  );
}
