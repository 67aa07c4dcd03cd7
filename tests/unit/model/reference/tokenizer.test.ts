import { join } from "node:path";
import { alphabetToBytes, bytesToAlphabet } from "../../../../model/formats/byte-alphabet.ts";
import { loadModel } from "../../../../model/reference/engine.ts";
import { lineFeedToken, tokenize, tokenizePrompt } from "../../../../model/reference/tokenizer.ts";
import type { Vocabulary } from "../../../../model/reference/vocabulary.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

const { vocabulary } = loadModel(join(recordedFolder, "random-tiny.gguf"));

describe("tokenizePrompt", () => {
  it("begins every prompt with the beginning-of-text token, an empty one too", () => {
    expect(tokenizePrompt("", vocabulary)).toEqual([1019]);
  });

  it("adds none when the model wants none", () => {
    expect(tokenizePrompt("a", { ...vocabulary, addsBeginningOfText: false })).toEqual([97]);
  });

  it("does not see that the prompt has one already", () => {
    expect(tokenizePrompt("<|begin_of_text|>a", vocabulary)).toEqual([1019, 1019, 97]);
  });
});

describe("tokenize", () => {
  it.each([
    { name: "nothing", text: "", tokens: [] },
    { name: "a special token alone", text: "<|eot_id|>", tokens: [1021] },
    { name: "special tokens side by side", text: "<|eot_id|><|eot_id|>", tokens: [1021, 1021] },
    { name: "a special token inside text", text: "x<|eot_id|>y", tokens: [120, 1021, 121] },
    { name: "half a special token", text: "<|eot", tokens: [60, 124, 101, 111, 116] },
    { name: "an emoji as its bytes", text: "😀", tokens: [240, 159, 152, 128] },
    { name: "a NUL", text: "a\0b", tokens: [97, 0, 98] },
    { name: "white space before a word", text: "  a", tokens: [32, 32, 97] },
  ])("reads $name", ({ text, tokens }) => {
    expect(tokenize(text, vocabulary)).toEqual(tokens);
  });

  it.each([
    "naïve café 日本 😀",
    "\n\n\t x\r\n ",
    "I'll DON'T 12345",
    "<|eot_id|>",
    "a\u00a0\u3000b",
  ])("loses nothing of %j", (text) => {
    const bytes = tokenize(text, vocabulary).map((token) => vocabulary.bytesOf(token, true));

    expect(Buffer.concat(bytes).toString()).toBe(text);
  });
});

describe("the words", () => {
  // A vocabulary of every word that is looked up, each a token of its own.
  it.each([
    { text: "Hello world", words: ["Hello", " world"] },
    { text: "it's we'LL don't", words: ["it", "'s", " we", "'LL", " don", "'t"] },
    { text: "1234567 12", words: ["123", "456", "7", " ", "12"] },
    { text: "a  b", words: ["a", " ", " b"] },
    { text: "a\n\n b", words: ["a", "\n\n", " b"] },
    { text: "x ** 2", words: ["x", " **", " ", "2"] },
    { text: "end...\n\nnext", words: ["end", "...\n\n", "next"] },
    { text: "trailing   ", words: ["trailing", "   "] },
    { text: "tab\tword", words: ["tab", "\tword"] },
    { text: "日本語 é", words: ["日本語", " é"] },
    { text: "(x)", words: ["(x", ")"] },
  ])("of $text are $words", ({ text, words }) => {
    const tokens = new Map(words.map((word, token) => [bytesToAlphabet(Buffer.from(word)), token]));

    const found = tokenize(text, { ...vocabulary, special: [], tokens, mergeRanks: new Map() });

    expect(found.map((token) => words[token])).toEqual(words);
  });
});

describe("the merges", () => {
  const merging = (merges: readonly string[], tokens: readonly string[]): Vocabulary => ({
    ...vocabulary,
    special: [],
    tokens: new Map(tokens.map((text, token) => [text, token])),
    mergeRanks: new Map(merges.map((merge, rank) => [merge, rank])),
  });

  it.each([
    {
      name: "the best rank first",
      merges: ["b c", "a b"],
      tokens: ["a", "bc", "ab", "c"],
      result: ["a", "bc"],
    },
    {
      name: "the leftmost of equals first",
      merges: ["a a"],
      tokens: ["a", "aa"],
      result: ["aa", "a"],
    },
    {
      name: "merges of merges",
      merges: ["a b", "ab c"],
      tokens: ["abc", "d"],
      result: ["abc", "d"],
    },
  ])("go by $name", ({ merges, tokens, result }) => {
    const found = tokenize(result.join(""), merging(merges, tokens));

    expect(found.map((token) => tokens[token])).toEqual(result);
  });

  it("are ignored for a word that is a token as it stands", () => {
    expect(tokenize("abc", merging(["a b"], ["ab", "c", "abc"]))).toEqual([2]);
  });

  it("match special tokens longest first", () => {
    const special = [
      { token: 7, text: "<long>" },
      { token: 8, text: "<" },
    ];

    expect(tokenize("<long><", { ...vocabulary, special })).toEqual([7, 8]);
  });
});

describe("the byte alphabet", () => {
  it("gives back every byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

    expect(alphabetToBytes(bytesToAlphabet(bytes))).toEqual(bytes);
  });

  it("writes a space as Ġ and a line feed as Ċ", () => {
    expect(bytesToAlphabet(Buffer.from(" \n~\u00ad"))).toBe("ĠĊ~ÂŃ");
  });
});

describe("lineFeedToken", () => {
  it("finds what llama.cpp prints as the LF token of this model", () => {
    expect(lineFeedToken(vocabulary)).toBe(196);
  });
});
