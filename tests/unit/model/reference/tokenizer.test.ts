import { alphabetToBytes, bytesToAlphabet } from "../../../../model/formats/byte-alphabet.ts";
import { loadModel } from "../../../../model/reference/engine.ts";
import { lineFeedToken, tokenize, tokenizePrompt } from "../../../../model/reference/tokenizer.ts";
import { randomModel } from "./run-llama-cli.ts";

const { vocabulary } = loadModel(randomModel);

describe("tokenizePrompt", () => {
  it.each([
    ["begins every prompt with the beginning-of-text token", "", true, [1019]],
    ["adds none when the model wants none", "a", false, [97]],
    ["does not see that there is one", "<|begin_of_text|>a", true, [1019, 1019, 97]],
  ])("%s", (_, text, addsBeginningOfText, tokens) => {
    expect(tokenizePrompt(text, { ...vocabulary, addsBeginningOfText })).toEqual(tokens);
  });
});

describe("tokenize", () => {
  it.each([
    ["nothing", "", []],
    ["a special token alone", "<|eot_id|>", [1021]],
    ["special tokens side by side", "<|eot_id|><|eot_id|>", [1021, 1021]],
    ["a special token inside text", "x<|eot_id|>y", [120, 1021, 121]],
    ["half a special token", "<|eot", [60, 124, 101, 111, 116]],
    ["an emoji as its bytes", "😀", [240, 159, 152, 128]],
    ["a NUL", "a\0b", [97, 0, 98]],
    ["white space before a word", "  a", [32, 32, 97]],
  ])("reads %s", (_, text, tokens) => {
    expect(tokenize(text, vocabulary)).toEqual(tokens);
  });

  // A vocabulary of every word that is looked up, each a token of its own.
  it.each([
    ["Hello world", ["Hello", " world"]],
    ["it's we'LL don't", ["it", "'s", " we", "'LL", " don", "'t"]],
    ["1234567 12", ["123", "456", "7", " ", "12"]],
    ["a  b", ["a", " ", " b"]],
    ["a\n\n b", ["a", "\n\n", " b"]],
    ["x ** 2", ["x", " **", " ", "2"]],
    ["end...\n\nnext", ["end", "...\n\n", "next"]],
    ["trailing   ", ["trailing", "   "]],
    ["tab\tword", ["tab", "\tword"]],
    ["日本語 é", ["日本語", " é"]],
    ["(x)", ["(x", ")"]],
  ])("splits %j into words", (text, words) => {
    expect(tokenizeBy([], words, text)).toEqual(words);
  });

  it.each([
    ["the best rank first", ["b c", "a b"], ["a", "bc", "ab", "c"], ["a", "bc"]],
    ["the leftmost of equals first", ["a a"], ["a", "aa"], ["aa", "a"]],
    ["the merges of merges", ["a b", "ab c"], ["abc", "d"], ["abc", "d"]],
    ["a word that is a token as it stands", ["a b"], ["ab", "c", "abc"], ["abc"]],
  ])("merges %s", (_, merges, tokens, result) => {
    expect(tokenizeBy(merges, tokens, result.join(""))).toEqual(result);
  });

  it("matches special tokens longest first", () => {
    const special = [
      { token: 7, text: "<long>" },
      { token: 8, text: "<" },
    ];

    expect(tokenize("<long><", { ...vocabulary, special })).toEqual([7, 8]);
  });
});

describe("the byte alphabet", () => {
  it("gives back every byte, and writes a space as Ġ and a line feed as Ċ", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

    expect(alphabetToBytes(bytesToAlphabet(bytes))).toEqual(bytes);
    expect(bytesToAlphabet(Buffer.from(" \n~\u00ad"))).toBe("ĠĊ~ÂŃ");
  });
});

describe("lineFeedToken", () => {
  it("finds what llama.cpp prints as the LF token of this model", () => {
    expect(lineFeedToken(vocabulary)).toBe(196);
  });
});

/** The tokens of a text as texts, in a vocabulary of nothing but `texts`. */
function tokenizeBy(merges: readonly string[], texts: readonly string[], text: string) {
  const found = tokenize(text, {
    ...vocabulary,
    special: [],
    tokens: new Map(texts.map((each, token) => [bytesToAlphabet(Buffer.from(each)), token])),
    mergeRanks: new Map(merges.map((merge, rank) => [merge, rank])),
  });
  return found.map((token) => texts[token]);
}
