/** What a JSON schema says, by the name of its fields. */
import { JsonError, type JsonObject, type JsonValue, jsonKind } from "./json-value.ts";

/** A schema to ask. One that is no object has no fields. */
export class SchemaFields {
  readonly value: JsonValue;
  readonly members: JsonObject;

  constructor(value: JsonValue) {
    this.value = value;
    this.members = value instanceof Map ? value : new Map();
  }

  /** Its type or types; null when it does not say. */
  get type(): JsonValue {
    return this.get("type");
  }

  /** Its format; empty when it does not say. */
  get format(): string {
    return this.has("format") ? this.text("format") : "";
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    const { value } = this;
    return value === null || (Array.isArray(value) ? value.length === 0 : this.#isEmptyObject);
  }

  get #isEmptyObject(): boolean {
    return this.value instanceof Map && this.value.size === 0;
  }

  has(field: string): boolean {
    return this.members.has(field);
  }

  /** The value of a field; null when it is not there. */
  get(field: string): JsonValue {
    return this.members.get(field) ?? null;
  }

  /** Whether the type is this one, or not told. */
  mayBe(type: string): boolean {
    return this.type === null || this.type === type;
  }

  /** A field that is text. Throws JsonError. */
  text(field: string): string {
    const value = this.get(field);
    return typeof value === "string" ? value : mismatch("string", value);
  }

  /** A field that is a number, without its decimals; undefined when it is not there. */
  integer(field: string): number | undefined {
    if (!this.has(field)) return undefined;
    const value = this.get(field);
    if (typeof value === "bigint" || typeof value === "number") return Math.trunc(Number(value));
    return typeof value === "boolean" ? Number(value) : mismatch("number", value);
  }

  /** The items of a field, the members' values of one that is an object. */
  list(field: string): readonly JsonValue[] {
    const value = this.get(field);
    if (Array.isArray(value)) return value;
    return value instanceof Map ? [...value.values()] : mismatch("array", value);
  }

  /** Names and schemas of an object's properties. */
  properties(): [string, JsonValue][] {
    const value = this.get("properties");
    return value instanceof Map ? [...value] : [];
  }

  /** Names of the properties that must be there. */
  required(): ReadonlySet<string> {
    const value = this.get("required");
    const names = Array.isArray(value) ? value : [];
    return new Set(names.filter((name) => typeof name === "string"));
  }

  /** Least and greatest integer; undefined for no limit. */
  bounds(): [min: number | undefined, max: number | undefined] {
    const above = this.integer("exclusiveMinimum");
    const below = this.integer("exclusiveMaximum");
    return [
      this.integer("minimum") ?? (above === undefined ? undefined : above + 1),
      this.integer("maximum") ?? (below === undefined ? undefined : below - 1),
    ];
  }
}

function mismatch(wanted: string, found: JsonValue): never {
  throw new JsonError(
    `[json.exception.type_error.302] type must be ${wanted}, but is ${jsonKind(found)}`,
  );
}
