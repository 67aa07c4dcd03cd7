/**
 * A request's fields by name. As in llama-server, a field of the wrong type counts as not given:
 * `json_value` of examples/server/utils.hpp, llama.cpp@1f86f058 (read 2026-11).
 */
import type { JsonObject, JsonValue } from "./json-value.ts";

/** Fields to ask. A body that is no object has none. */
export class RequestFields {
  readonly #members: JsonObject;

  constructor(body: JsonValue) {
    this.#members = body instanceof Map ? body : new Map();
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** The value of a field; null when it is not there. */
  get(name: string): JsonValue {
    return this.#members.get(name) ?? null;
  }

  /** A whole number of 32 bits; true is 1. */
  integer(name: string, fallback: number): number {
    const value = this.get(name);
    if (typeof value === "bigint") return Number(BigInt.asIntN(32, value));
    return typeof value === "number" || typeof value === "boolean"
      ? Math.trunc(Number(value))
      : fallback;
  }

  /** A number of 32 bits; true is 1. */
  real(name: string, fallback: number): number {
    const value = this.get(name);
    const isNumber = typeof value === "number" || typeof value === "bigint";
    return Math.fround(isNumber || typeof value === "boolean" ? Number(value) : fallback);
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.get(name);
    return typeof value === "boolean" ? value : fallback;
  }

  text(name: string, fallback: string): string {
    const value = this.get(name);
    return typeof value === "string" ? value : fallback;
  }

  /** The items of a list; none when it is no list. */
  list(name: string): readonly JsonValue[] {
    const value = this.get(name);
    return Array.isArray(value) ? value : [];
  }
}
