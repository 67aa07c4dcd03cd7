import fc from "fast-check";
import { defaultEngineSettings } from "../../../../model/reference/engine-settings.ts";
import { Sampler } from "../../../../model/reference/sampler.ts";
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

describe("a grammar over tokens", () => {
  it("lets only such texts be sampled as an independent recogniser accepts", () => {
    fc.assert(
      fc.property(
        expression(),
        fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
        (node, seeds) => {
          const text = sample(gbnf(node), seeds);

          if (text !== undefined)
            expect(text).toMatch(new RegExp(`^(?:${regularExpression(node)})$`, "u"));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("lets every text of the grammar come, token by token", () => {
    fc.assert(
      fc.property(
        expression().chain((node) => fc.tuple(fc.constant(node), textOf(node))),
        ([node, text]) => {
          const grammar = grammarOf(gbnf(node));
          for (const token of bytesOf(text)) {
            expect(grammar.allows(token)).toBe(true);
            grammar.accept(token);
          }

          expect(grammar.allows(endToken)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("says the same of one token as of all", () => {
    fc.assert(
      fc.property(expression(), (node) => {
        const grammar = grammarOf(gbnf(node));
        const scores = new Float32Array(vocabulary.size);
        grammar.restrict(scores);

        const allowed = Array.from(scores, (_, token) => grammar.allows(token));
        expect(Array.from(scores, (score) => score === 0)).toEqual(allowed);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    { after: [0xf0], next: 0x9f, isAllowed: true },
    { after: [0xf0, 0x9f, 0x98], next: 0x80, isAllowed: true },
    { after: [0xf0, 0x9f, 0x98], next: 0x81, isAllowed: false },
    { after: [0xf0], next: 0x41, isAllowed: false },
    { after: [], next: 0xc3, isAllowed: false },
    { after: [], next: 0x80, isAllowed: false },
    { after: [], next: 0x00, isAllowed: false },
  ])("follows the bytes of a character: $after, then $next", ({ after, next, isAllowed }) => {
    const grammar = grammarOf('root ::= "😀"');
    for (const byte of after) grammar.accept(byte);

    expect(grammar.allows(next)).toBe(isAllowed);
  });

  it.each([
    { name: "a byte that begins no shortest form", after: [], next: 0xc1, isAllowed: false },
    { name: "a byte that begins a character", after: [], next: 0xc3, isAllowed: true },
    { name: "a letter inside of a character", after: [0xc3], next: 0x41, isAllowed: false },
    { name: "the rest of a character", after: [0xc3], next: 0xa9, isAllowed: true },
  ])("judges $name where any may come", ({ after, next, isAllowed }) => {
    const grammar = grammarOf("root ::= .");
    for (const byte of after) grammar.accept(byte);

    expect(grammar.allows(next)).toBe(isAllowed);
  });

  it("leaves the draw as it is while the grammar does not mind", () => {
    const settings = { ...defaultEngineSettings().sampling, temperature: 3, topK: 0, seed: 7 };
    const free = new Sampler(settings, -1);
    const constrained = new Sampler(settings, -1, grammarOf("root ::= [a-z]*"));
    const isLetter = (token: number) => token >= 0x61 && token <= 0x7a;
    const scores = Float32Array.from({ length: vocabulary.size }, (_, token) =>
      isLetter(token) ? Math.sin(token) : -1000,
    );

    const draw = (sampler: Sampler) =>
      Array.from({ length: 20 }, () => {
        const token = sampler.choose(scores);
        sampler.accept(token);
        return token;
      });

    expect(draw(constrained)).toEqual(draw(free));
  });

  it("ends, as llama.cpp does, when a token is accepted that it forbids", () => {
    expect(() => grammarOf('root ::= "a"').accept(0x62)).toThrow("the grammar allows no token");
    expect(() => grammarOf('root ::= "a"').accept(endToken)).toThrow("the grammar allows no token");
  });

  it("is none for an empty text", () => {
    expect(readTokenGrammar("", vocabulary, () => {})).toBeUndefined();
  });
});

/** A grammar's body without recursion, so that it is a regular expression as well. */
type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "range"; readonly characters: readonly string[] }
  | { readonly kind: "all" | "any"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly more: number };

const character = fc.constantFrom("a", "b", "Z", "7", " ", "é", "ß", "€", "😀");

function expression(): fc.Arbitrary<Node> {
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.record({
        kind: fc.constant("text" as const),
        text: fc.string({ unit: character, minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant("range" as const),
        characters: fc.array(character, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constantFrom("all" as const, "any" as const),
        nodes: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant("repeat" as const),
        node: tie("node"),
        min: fc.nat(2),
        more: fc.nat(2),
      }),
    ),
  }));
  return node;
}

function gbnf(node: Node): string {
  return `root ::= ${body(node)}`;

  function body(part: Node): string {
    switch (part.kind) {
      case "text":
        return `"${part.text}"`;
      case "range":
        return `[${part.characters.join("")}]`;
      case "all":
      case "any":
        return `(${part.nodes.map(body).join(part.kind === "all" ? " " : " | ")})`;
      case "repeat":
        return `(${body(part.node)}){${part.min},${part.min + part.more}}`;
    }
  }
}

function regularExpression(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "range":
      return `[${node.characters.join("")}]`;
    case "all":
    case "any":
      return `(?:${node.nodes.map(regularExpression).join(node.kind === "all" ? "" : "|")})`;
    case "repeat":
      return `(?:${regularExpression(node.node)}){${node.min},${node.min + node.more}}`;
  }
}

function textOf(node: Node): fc.Arbitrary<string> {
  switch (node.kind) {
    case "text":
      return fc.constant(node.text);
    case "range":
      return fc.constantFrom(...node.characters);
    case "all":
      return fc.tuple(...node.nodes.map(textOf)).map((texts) => texts.join(""));
    case "any":
      return fc.oneof(...node.nodes.map(textOf));
    case "repeat":
      return fc
        .array(textOf(node.node), { minLength: node.min, maxLength: node.min + node.more })
        .map((texts) => texts.join(""));
  }
}

function grammarOf(text: string): TokenGrammar {
  const grammar = readTokenGrammar(text, vocabulary, (message) => {
    throw new Error(message);
  });
  if (!grammar) throw new Error("no grammar");
  return grammar;
}

/** Samples among random scores until the text ends; undefined if it does not in time, or badly. */
function sample(grammar: string, seeds: readonly number[]): string | undefined {
  const settings = {
    ...defaultEngineSettings().sampling,
    temperature: 2,
    topK: 0,
    seed: seeds[0] ?? 0,
  };
  const sampler = new Sampler(settings, -1, grammarOf(grammar));
  const bytes: Uint8Array[] = [];
  for (const seed of seeds) {
    const scores = Float32Array.from(
      { length: vocabulary.size },
      (_, token) => Math.sin(token * (seed + 1)) * 5,
    );
    const token = sampler.choose(scores);
    sampler.accept(token);
    if (vocabulary.endOfGeneration.has(token)) return decode(Buffer.concat(bytes));
    bytes.push(vocabulary.bytesOf(token, true));
  }
  return undefined;
}

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

/** As in llama.cpp, a text may end inside of a character where it may end before it. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
