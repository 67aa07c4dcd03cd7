import * as fc from "fast-check";
import * as z from "zod";
import { MersenneTwister } from "../../model/formats/mersenne-twister.ts";
import { grammarProblem } from "../../runtime/constraint/grammar.ts";
import type { JsonSchema } from "../../runtime/constraint/json-schema.ts";
import { jsonSchemaGrammar } from "../../runtime/constraint/json-schema-grammar.ts";
import { startOf } from "../helpers/grammar.ts";
import { recordedGrammars } from "../helpers/recorded.ts";

/** Schemas of every keyword that can be enforced. */
const schemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonSchema>(
      { type: "boolean" },
      { type: "null" },
      { type: "integer" },
      { type: "number" },
      { type: "integer", minimum: 0 },
      { type: ["string", "null"] },
      { type: "string", format: "date-time" },
      { type: "string", format: "uuid" },
      {},
    ),
    fc
      .record({ least: fc.nat(3), more: fc.nat(3) })
      .map(({ least, more }) => ({ type: "string", minLength: least, maxLength: least + more })),
    fc
      .array(fc.jsonValue({ maxDepth: 0 }), { minLength: 1, maxLength: 3 })
      .map((values) => ({ enum: values })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc
      .record({ items: tie("schema"), least: fc.nat(2), more: fc.nat(2) })
      .map(({ items, least, more }) => ({
        type: "array",
        items,
        minItems: least,
        maxItems: least + more,
      })),
    fc
      .record({
        properties: fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), tie("schema"), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
        additionalProperties: fc.boolean(),
        required: fc.array(fc.nat(3), { maxLength: 3 }),
      })
      .map(({ required, ...rest }) => ({
        type: "object",
        ...rest,
        required: [...new Set(required.flatMap((at) => Object.keys(rest.properties)[at] ?? []))],
      })),
  ),
})).schema;

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
    const order = isShort ? characters : shuffled([...characters, ...printable], chance);
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
