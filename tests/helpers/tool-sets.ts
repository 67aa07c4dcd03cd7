import * as fc from "fast-check";

/** A JSON schema, as tools have it. */
type Schema = Record<string, unknown>;

/** A tool of a chat request. */
export interface SentTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly strict?: boolean;
    readonly parameters: Schema;
  };
}

/** Schemas whose instances are short, so that any model comes to their end. */
const schemas = fc.letrec<{ schema: Schema; object: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 1 },
    fc.constantFrom<Schema>(
      { type: "boolean" },
      { type: "integer", minimum: 0 },
      { type: "number" },
      { type: ["string", "null"], maxLength: 4 },
      { type: "null" },
      { type: "string", format: "date" },
      { type: "string", format: "date-time" },
      { type: "string", format: "uuid" },
      { $ref: "#/$defs/shared" },
    ),
    fc.nat(3).map((most) => ({ type: "string", minLength: 1, maxLength: most + 1 })),
    fc
      .array(fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.constant(null)), {
        minLength: 1,
        maxLength: 3,
      })
      .map((values) => ({ enum: values })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    fc
      .record({
        items: tie("schema"),
        minItems: fc.nat(1),
        maxItems: fc.integer({ min: 1, max: 2 }),
      })
      .map((each) => ({ type: "array", ...each })),
    tie("object"),
  ),
  object: fc
    .record({
      names: fc.uniqueArray(fc.oneof(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string()), {
        maxLength: 3,
      }),
      schemas: fc.array(tie("schema"), { minLength: 3, maxLength: 3 }),
      isRequired: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    })
    .map(({ names, isRequired, ...each }) => ({
      type: "object",
      properties: Object.fromEntries(names.map((name, at) => [name, each.schemas[at]])),
      required: names.filter((_, at) => isRequired[at]),
      additionalProperties: false,
    })),
}));

/** Schemas of every keyword that can be enforced. */
export const jsonSchema = schemas.schema.map(withShared);

/** Schemas of objects. */
export const objectSchema = schemas.object.map(withShared);

const tool: fc.Arbitrary<SentTool> = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/),
    description: fc.string({ maxLength: 10 }),
    strict: fc.boolean(),
    parameters: objectSchema,
  })
  .map((each) => ({ type: "function", function: each }));

/** A schema with what it refers to. */
function withShared(schema: Schema): Schema {
  if (!JSON.stringify(schema).includes('"$ref"')) return schema;
  return { ...schema, $defs: { shared: { properties: { ok: { type: "boolean" } } } } };
}

/** Tools with a choice that is a call, and how the answer is asked for. */
export const toolSets = fc
  .record({
    tools: fc.uniqueArray(tool, {
      selector: (each) => each.function.name,
      minLength: 1,
      maxLength: 3,
    }),
    named: fc.option(fc.nat()),
    isParallel: fc.boolean(),
    seed: fc.nat(),
    temperature: fc.constantFrom(0, 0.7, 2),
  })
  .map(({ named, ...each }) => ({
    ...each,
    named: named === null ? undefined : each.tools[named % each.tools.length],
  }));
