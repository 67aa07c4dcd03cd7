/**
 * JSON schema to grammar, as llama.cpp does it: rule by rule the same text, in the same order.
 * Left out: `pattern`, and references to other documents; both are refused.
 *
 * Source: common/json-schema-to-grammar.cpp of llama.cpp@1f86f058 (read 2026-11).
 */
import { integerRangeRule } from "./integer-range-rule.ts";
import { STRING_FORMATS } from "./json-schema-builtins.ts";
import { SchemaFields } from "./json-schema-fields.ts";
import { objectRule, type Property } from "./json-schema-object.ts";
import { GrammarRules, literal, repetition } from "./json-schema-rules.ts";
import { type JsonValue, jsonText } from "./json-value.ts";

/** Turns a schema into a grammar. Throws JsonError with llama.cpp's words. */
export function jsonSchemaGrammar(schema: JsonValue): string {
  const converter = new SchemaConverter(schema);
  converter.visit(schema, "");
  return converter.rules.grammar();
}

/** How a schema that has something becomes a rule. */
interface Case {
  readonly applies: (schema: SchemaFields) => boolean;
  /** Returns the name of the rule. `ruleName` is `name`, unless that is taken. */
  readonly convert: (
    converter: SchemaConverter,
    schema: SchemaFields,
    name: string,
    ruleName: string,
  ) => string;
}

/** The first that applies counts. */
const CASES: readonly Case[] = [
  {
    applies: (schema) => schema.has("$ref"),
    convert: (converter, schema, _, ruleName) =>
      converter.rules.add(ruleName, converter.resolve(schema.text("$ref"))),
  },
  {
    applies: (schema) => schema.has("oneOf") || schema.has("anyOf"),
    convert: (converter, schema, name, ruleName) =>
      converter.union(schema.list(schema.has("oneOf") ? "oneOf" : "anyOf"), name, ruleName),
  },
  {
    applies: (schema) => Array.isArray(schema.type),
    convert: (converter, schema, name, ruleName) =>
      converter.union(
        schema.list("type").map((type) => new Map(schema.members).set("type", type)),
        name,
        ruleName,
      ),
  },
  {
    applies: (schema) => schema.has("const"),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.add(ruleName, `${literal(jsonText(schema.get("const")))} space`),
  },
  {
    applies: (schema) => schema.has("enum"),
    convert: ({ rules }, schema, _, ruleName) => {
      const values = schema.list("enum").map((value) => literal(jsonText(value)));
      return rules.add(ruleName, `(${values.join(" | ")}) space`);
    },
  },
  {
    applies: (schema) =>
      schema.mayBe("object") &&
      (schema.has("properties") ||
        (schema.has("additionalProperties") && schema.get("additionalProperties") !== true)),
    convert: (converter, schema, name, ruleName) =>
      converter.object(schema.properties(), schema.required(), {
        name,
        ruleName,
        additional: schema.get("additionalProperties"),
      }),
  },
  {
    applies: (schema) => schema.mayBe("object") && schema.has("allOf"),
    convert: (converter, schema, name, ruleName) => {
      const { properties, required } = converter.allOf(schema);
      return converter.object(properties, required, { name, ruleName, additional: null });
    },
  },
  {
    applies: (schema) =>
      schema.mayBe("array") && (schema.has("items") || schema.has("prefixItems")),
    convert: (converter, schema, name, ruleName) => converter.array(schema, name, ruleName),
  },
  {
    applies: (schema) => schema.mayBe("string") && schema.has("pattern"),
    convert: ({ rules }) => rules.fail("pattern is not implemented by the reference engine"),
  },
  {
    applies: (schema) => schema.mayBe("string") && /^uuid[1-5]?$/.test(schema.format),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.addPrimitive("uuid", ruleName === "root" ? "root" : schema.format),
  },
  {
    applies: (schema) => schema.mayBe("string") && STRING_FORMATS.has(`${schema.format}-string`),
    convert: ({ rules }, schema, _, ruleName) =>
      rules.add(ruleName, rules.addPrimitive(`${schema.format}-string`)),
  },
  {
    applies: (schema) =>
      schema.type === "string" && (schema.has("minLength") || schema.has("maxLength")),
    convert: ({ rules }, schema, _, ruleName) => {
      const [min, max] = [schema.integer("minLength") ?? 0, schema.integer("maxLength")];
      const characters = repetition(rules.addPrimitive("char"), min, max);
      return rules.add(ruleName, String.raw`"\"" ${characters} "\"" space`);
    },
  },
  {
    applies: (schema) =>
      schema.type === "integer" && schema.bounds().some((bound) => bound !== undefined),
    convert: ({ rules }, schema, _, ruleName) => {
      const [min, max] = schema.bounds();
      return rules.add(ruleName, `(${integerRangeRule(min, max)}) space`);
    },
  },
  {
    applies: (schema) => schema.isEmpty || schema.type === "object",
    convert: ({ rules }, _schema, _, ruleName) => rules.add(ruleName, rules.addPrimitive("object")),
  },
  {
    applies: () => true,
    convert: ({ rules }, schema, _, ruleName) => {
      const { type } = schema;
      if (typeof type !== "string" || !rules.isPrimitive(type)) {
        return rules.fail(`Unrecognized schema: ${jsonText(schema.value)}`);
      }
      return rules.addPrimitive(type, ruleName === "root" ? "root" : type);
    },
  },
];

class SchemaConverter {
  readonly rules = new GrammarRules();
  /** What references lead to. */
  readonly #targets = new Map<string, JsonValue>();
  readonly #refsInProgress = new Set<string>();

  constructor(root: JsonValue) {
    this.#follow(root, root);
  }

  /** Adds the rules of a schema, and returns the name of its own. */
  visit(value: JsonValue, name: string): string {
    const schema = new SchemaFields(value);
    const ruleName = this.rules.isReserved(name) ? `${name}-` : name || "root";
    const match = CASES.find(({ applies }) => applies(schema));
    return match?.convert(this, schema, name, ruleName) ?? "";
  }

  union(schemas: readonly JsonValue[], name: string, ruleName: string): string {
    const prefix = name === "" ? "alternative-" : `${name}-`;
    const names = schemas.map((schema, index) => this.visit(schema, `${prefix}${index}`));
    return this.rules.add(ruleName, names.join(" | "));
  }

  object(
    properties: readonly Property[],
    required: ReadonlySet<string>,
    { name, ruleName, additional }: { name: string; ruleName: string; additional: JsonValue },
  ): string {
    const visit = (schema: JsonValue, member: string) => this.visit(schema, member);
    const text = objectRule(
      { rules: this.rules, visit },
      { name, properties, required, additional },
    );
    return this.rules.add(ruleName, text);
  }

  array(schema: SchemaFields, name: string, ruleName: string): string {
    const items = schema.get(schema.has("items") ? "items" : "prefixItems");
    const prefix = name === "" ? "" : `${name}-`;
    if (Array.isArray(items)) {
      const names = items.map((item, index) => this.visit(item, `${prefix}tuple-${index}`));
      return this.rules.add(ruleName, `"[" space ${names.join(' "," space ')} "]" space`);
    }
    const item = this.visit(items, `${prefix}item`);
    const max = typeof schema.get("maxItems") === "bigint" ? schema.integer("maxItems") : undefined;
    const list = repetition(item, schema.integer("minItems") ?? 0, max, '"," space');
    return this.rules.add(ruleName, `"[" space ${list} "]" space`);
  }

  /** The properties of all parts; those of a part that is one of several are optional. */
  allOf(schema: SchemaFields): { properties: Property[]; required: ReadonlySet<string> } {
    const properties: Property[] = [];
    const required = new Set<string>();
    for (const value of schema.list("allOf")) {
      const part = new SchemaFields(value);
      const isChoice = part.has("anyOf");
      const options = isChoice ? part.list("anyOf") : [value];
      const added = options.flatMap((option) => this.#followed(option).properties());
      properties.push(...added);
      if (!isChoice) for (const [name] of added) required.add(name);
    }
    return { properties, required };
  }

  /** A schema, or the one that its reference leads to. */
  #followed(value: JsonValue): SchemaFields {
    const schema = new SchemaFields(value);
    if (!schema.has("$ref")) return schema;
    return this.#followed(this.#targets.get(schema.text("$ref")) ?? null);
  }

  /** The name of the rule that a reference leads to. */
  resolve(reference: string): string {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    if (this.rules.has(name) || this.#refsInProgress.has(reference)) return name;
    this.#refsInProgress.add(reference);
    const added = this.visit(this.#targets.get(reference) ?? null, name);
    this.#refsInProgress.delete(reference);
    return added;
  }

  /** Follows every reference in a part of the schema. */
  #follow(value: JsonValue, root: JsonValue): void {
    if (Array.isArray(value)) for (const item of value) this.#follow(item, root);
    if (!(value instanceof Map)) return;
    if (!value.has("$ref")) {
      for (const member of value.values()) this.#follow(member, root);
      return;
    }
    const reference = new SchemaFields(value).text("$ref");
    const target = this.#find(reference, root);
    if (target !== undefined) this.#targets.set(reference, target);
  }

  #find(reference: string, root: JsonValue): JsonValue | undefined {
    if (!reference.startsWith("#/")) {
      this.rules.fail(`Unsupported ref: ${reference}`);
      return undefined;
    }
    let target = root;
    for (const key of reference.slice(2).split("/")) {
      const next = new SchemaFields(target).members.get(key);
      if (next === undefined) {
        const place = `${key} not in ${jsonText(target)}`;
        this.rules.fail(`Error resolving ref input${reference}: ${place}`);
        return undefined;
      }
      target = next;
    }
    return target;
  }
}
