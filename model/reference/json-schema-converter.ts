/** Walks through a JSON schema and collects the rules that it becomes. */
import { SCHEMA_CASES } from "./json-schema-cases.ts";
import { SchemaFields } from "./json-schema-fields.ts";
import { objectRule, type Property } from "./json-schema-object.ts";
import { GrammarRules, repetition } from "./json-schema-rules.ts";
import { type JsonValue, jsonText } from "./json-value.ts";

/** The rules of one schema. */
export class SchemaConverter {
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
    const match = SCHEMA_CASES.find(({ applies }) => applies(schema));
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
