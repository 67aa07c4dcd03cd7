import * as fc from "fast-check";
import * as z from "zod";
import { MersenneTwister } from "../../model/formats/mersenne-twister.ts";
import { grammarProblem } from "../../runtime/constraint/grammar.ts";
import type { JsonSchema } from "../../runtime/constraint/json-schema.ts";
import { jsonSchemaGrammar } from "../../runtime/constraint/json-schema-grammar.ts";
import { startOf } from "../helpers/grammar.ts";
import { recordedGrammars } from "../helpers/recorded.ts";
import { jsonSchema } from "../helpers/tool-sets.ts";

/** Schemas that can be enforced, those with texts of any length among them. */
const schemas: fc.Arbitrary<JsonSchema> = fc.oneof(
  { weight: 9, arbitrary: jsonSchema },
  fc.constantFrom<JsonSchema>(
    {},
    { type: "integer" },
    { type: "string", minLength: 3 },
    { type: "array", items: { enum: [1, "é"] }, minItems: 2 },
    { type: "object", required: ["a"], additionalProperties: { type: "array" } },
    { type: "object", additionalProperties: { type: "null" } },
  ),
);

/** What texts are made of, with what comes to an end first. */
const characters = [...'"}]0,:{[tfnruealsx.-+eE\\/ TZ19é😀\u0000'].map(
  (character) => character.codePointAt(0) ?? 0,
);

/** A text of a grammar: by chance at first, then as short as it goes. */
function textOf(grammar: string, chance: () => number): string {
  let state = startOf(grammar);
  let text = "";
  for (let length = 0; length < 5000; length++) {
    const isShort = length > 60;
    if (state.mayEnd && (isShort || chance() < 0.5)) return text;
    const likely = chance() < 0.7 ? characters : printable;
    const order = isShort ? characters : [...shuffled(likely, chance), ...characters];
    const next = [...order, ...printable].find((character) => !state.after(character).isDead);
    if (next === undefined) {
      if (state.mayEnd) return text;
      throw new Error(`a dead end behind ${text}`);
    }
    text += String.fromCodePoint(next);
    state = state.after(next);
  }
  throw new Error("no end");
}

const printable = Array.from({ length: 95 }, (_, at) => at + 32);

function shuffled(values: readonly number[], chance: () => number): number[] {
  return values
    .map((value) => ({ value, key: chance() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

describe("the check of a grammar, beside what the engine did with it", () => {
  const stricter = [
    'root ::= [] "a" [^]',
    'root ::= "a"\nroot ::= "b"',
    'root ::= "a"{3,2}',
  ] as const;

  it.each([...recordedGrammars.refused, ...recordedGrammars.crashed])(
    "refuses what the engine could not use: %j",
    (grammar) => {
      expect(grammarProblem(grammar)).toBeDefined();
    },
  );

  it.each(recordedGrammars.used)("accepts what the engine used: %j", (grammar) => {
    const isStricter = stricter.some((text) => text === grammar);

    expect(grammarProblem(grammar) === undefined).toBe(!isStricter);
  });
});

describe("a schema's grammar", () => {
  it("is one that the engine uses, and every text of it is an instance of the schema", () => {
    void fc.assert(
      fc.property(schemas, fc.nat(), (schema, seed) => {
        const { grammar = "", problems } = jsonSchemaGrammar(schema, "schema");
        const random = new MersenneTwister(seed);
        const text = textOf(grammar, () => random.nextUnit());

        expect(problems).toBeUndefined();
        expect(grammarProblem(grammar)).toBeUndefined();
        expect(
          z
            .fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
            .safeParse(JSON.parse(text)).error,
        ).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
