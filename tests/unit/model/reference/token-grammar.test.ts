import fc from "fast-check";
import { Sampler, samplingSettings } from "../../../../model/reference/sampler.ts";
import { readTokenGrammar, type TokenGrammar } from "../../../../model/reference/token-grammar.ts";
import type { Vocabulary } from "../../../../model/reference/vocabulary.ts";

/** Every byte as a token of its own, and some that hold more than, or parts of, a character. */
const pieces = [
  ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
  ...["ab", "a7", "Za", " b", "éa", "aé", "€€", "<end>"].map((text) => Buffer.from(text)),
  Buffer.from("😀").subarray(0, 2),
  Buffer.from("😀").subarray(1),
  Buffer.from("a€").subarray(0, 3),
  Buffer.alloc(0),
];
const endToken = pieces.findIndex((piece) => piece.toString() === "<end>");
const vocabulary: Vocabulary = {
  size: pieces.length,
  beginningOfText: -1,
  endOfText: endToken,
  addsBeginningOfText: false,
  endOfGeneration: new Set([endToken]),
  special: [],
  tokens: new Map(),
  mergeRanks: new Map(),
  bytesOf: (token) => pieces[token] ?? Buffer.alloc(0),
};
const settings = { ...samplingSettings(), topK: 0 };

describe("a grammar over tokens", () => {
  it("lets only such texts be sampled as an independent recogniser accepts", () => {
    const seeds = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(expressions, seeds, ({ gbnf, pattern }, numbers) => {
        const text = sample(gbnf, numbers);

        if (text !== undefined) expect(text).toMatch(new RegExp(`^(?:${pattern})$`, "u"));
      }),
    );
  });

  it("lets every text of the grammar come, token by token", () => {
    const grammarsAndTexts = expressions.chain(({ gbnf, texts }) =>
      fc.tuple(fc.constant(gbnf), texts),
    );
    fc.assert(
      fc.property(grammarsAndTexts, ([gbnf, text]) => {
        const grammar = grammarOf(gbnf);
        for (const token of Buffer.from(text)) {
          expect(grammar.allows(token)).toBe(true);
          grammar.accept(token);
        }

        expect(grammar.allows(endToken)).toBe(true);
      }),
    );
  });

  it.each([
    ['"😀"', [0xf0], 0x9f, true],
    ['"😀"', [0xf0, 0x9f, 0x98], 0x80, true],
    ['"😀"', [0xf0, 0x9f, 0x98], 0x81, false],
    ['"😀"', [0xf0], 0x41, false],
    ['"😀"', [], 0xc3, false],
    ['"😀"', [], 0x80, false],
    ['"😀"', [], 0x00, false],
    [".", [], 0xc1, false], // begins no shortest form
    [".", [], 0xc3, true],
    [".", [0xc3], 0x41, false],
    [".", [0xc3], 0xa9, true],
  ])("follows the bytes of a character in %s: %j, then %d: %j", (text, after, next, isAllowed) => {
    const grammar = grammarOf(text);
    for (const byte of after) grammar.accept(byte);

    expect(grammar.allows(next)).toBe(isAllowed);
  });

  it("leaves the draw as it is while the grammar does not mind", () => {
    const isLetter = (token: number) => token >= 0x61 && token <= 0x7a;
    const scores = Float32Array.from({ length: vocabulary.size }, (_, token) =>
      isLetter(token) ? Math.sin(token) : -1000,
    );
    const draw = (grammar?: TokenGrammar) => {
      const sampler = new Sampler({ ...settings, temperature: 3, seed: 7 }, -1, grammar);
      return Array.from({ length: 20 }, () => {
        const token = sampler.choose(scores);
        sampler.accept(token);
        return token;
      });
    };

    expect(draw(grammarOf("[a-z]*"))).toEqual(draw());
  });

  it.each([0x62, endToken, 0x00])("ends, as llama.cpp does, when it has to accept %d", (token) => {
    expect(() => grammarOf('"a"').accept(token)).toThrow("the grammar allows no token");
  });

  it("is none for an empty text", () => {
    expect(readTokenGrammar("", vocabulary, () => {})).toBeUndefined();
  });
});

/** A grammar without recursion, so that it is a regular expression as well. */
interface Expression {
  readonly gbnf: string;
  readonly pattern: string;
  readonly texts: fc.Arbitrary<string>;
}

const character = fc.constantFrom("a", "b", "Z", "7", " ", "é", "ß", "€", "😀");
const several = { minLength: 1, maxLength: 3 };
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: character, ...several }).map((text) => ({
      gbnf: `"${text}"`,
      pattern: text,
      texts: fc.constant(text),
    })),
    fc.array(character, several).map((choices) => ({
      gbnf: `[${choices.join("")}]`,
      pattern: `[${choices.join("")}]`,
      texts: fc.constantFrom(...choices),
    })),
    fc.array(tie("node"), several).map((nodes) => ({
      gbnf: `(${nodes.map(({ gbnf }) => gbnf).join(" ")})`,
      pattern: `(?:${nodes.map(({ pattern }) => pattern).join("")})`,
      texts: fc.tuple(...nodes.map(({ texts }) => texts)).map((texts) => texts.join("")),
    })),
    fc.array(tie("node"), several).map((nodes) => ({
      gbnf: `(${nodes.map(({ gbnf }) => gbnf).join(" | ")})`,
      pattern: `(?:${nodes.map(({ pattern }) => pattern).join("|")})`,
      texts: fc.oneof(...nodes.map(({ texts }) => texts)),
    })),
    fc.tuple(tie("node"), fc.nat(2), fc.nat(2)).map(([{ gbnf, pattern, texts }, min, more]) => ({
      gbnf: `(${gbnf}){${min},${min + more}}`,
      pattern: `(?:${pattern}){${min},${min + more}}`,
      texts: fc
        .array(texts, { minLength: min, maxLength: min + more })
        .map((each) => each.join("")),
    })),
  ),
})).node;

function grammarOf(body: string): TokenGrammar {
  const grammar = readTokenGrammar(`root ::= ${body}`, vocabulary, (message) => {
    throw new Error(message);
  });
  if (!grammar) throw new Error("no grammar");
  return grammar;
}

/** Samples among random scores until the text ends; undefined if it does not in time, or badly. */
function sample(gbnf: string, seeds: readonly number[]): string | undefined {
  const seed = seeds[0] ?? 0;
  const sampler = new Sampler({ ...settings, temperature: 2, seed }, -1, grammarOf(gbnf));
  const bytes: Uint8Array[] = [];
  for (const number of seeds) {
    const scores = Float32Array.from(pieces, (_, token) => Math.sin(token * (number + 1)) * 5);
    const token = sampler.choose(scores);
    sampler.accept(token);
    if (token === endToken) return decode(Buffer.concat(bytes));
    bytes.push(vocabulary.bytesOf(token, true));
  }
  return undefined;
}

/** As in llama.cpp, a text may end inside of a character where it may end before it. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
