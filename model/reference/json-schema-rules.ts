/** The rules of a grammar that is being made from a JSON schema, by their names. */
import {
  type BuiltinRule,
  PRIMITIVES,
  SPACE_RULE,
  STRING_FORMATS,
} from "./json-schema-builtins.ts";
import { JsonError } from "./json-value.ts";

/** Rules so far. */
export class GrammarRules {
  readonly #rules = new Map<string, string>([["space", SPACE_RULE]]);
  readonly #problems: string[] = [];

  has(name: string): boolean {
    return this.#rules.has(name);
  }

  isPrimitive(name: string): boolean {
    return PRIMITIVES.has(name);
  }

  isReserved(name: string): boolean {
    return name === "root" || PRIMITIVES.has(name) || STRING_FORMATS.has(name);
  }

  /** Adds a rule, and returns its name: numbered when another rule has it. */
  add(name: string, text: string): string {
    const base = name.replace(/[^a-zA-Z0-9-]+/g, "-");
    const isFree = (candidate: string) => (this.#rules.get(candidate) ?? text) === text;
    let free = base;
    for (let number = 0; !isFree(free); number++) free = `${base}${number}`;
    this.#rules.set(free, text);
    return free;
  }

  /** Adds a built-in rule, by another name if one is given, and those that it needs. */
  addPrimitive(builtin: string, name = builtin): string {
    const rule = builtinRule(builtin);
    const added = this.add(name, rule.text);
    for (const needed of rule.needs) if (!this.has(needed)) this.addPrimitive(needed);
    return added;
  }

  /** The grammar's text: the rules in the order of their names. Throws JsonError. */
  grammar(): string {
    if (this.#problems.length > 0) {
      throw new JsonError(`JSON schema conversion failed:\n${this.#problems.join("\n")}`);
    }
    const names = [...this.#rules.keys()].sort();
    return names.map((name) => `${name} ::= ${this.#rules.get(name)}\n`).join("");
  }

  /** Notes why the schema is refused, and stands for the name of a rule. */
  fail(problem: string): "" {
    this.#problems.push(problem);
    return "";
  }
}

function builtinRule(name: string): BuiltinRule {
  const rule = PRIMITIVES.get(name) ?? STRING_FORMATS.get(name);
  if (!rule) throw new TypeError(`Rule ${name} not known`);
  return rule;
}

/** Text as a grammar's literal. */
export function literal(text: string): string {
  return `"${text.replace(/[\r\n"]/g, (character) => LITERAL_ESCAPES[character] ?? character)}"`;
}

const LITERAL_ESCAPES: Readonly<Record<string, string>> = {
  "\r": "\\r",
  "\n": "\\n",
  '"': '\\"',
};

/** An item so many times, a separator between each two. No `max` is no limit. */
export function repetition(item: string, min: number, max?: number, separator = ""): string {
  if (min === 0 && max === 1) return `${item}?`;
  if (separator !== "") {
    // At most none makes at most -1 of the others: a faulty grammar, as there.
    const otherMax = max === undefined ? undefined : max - 1;
    const others = repetition(`(${separator} ${item})`, Math.max(0, min - 1), otherMax);
    return min === 0 ? `(${item} ${others})?` : `${item} ${others}`;
  }
  if (max === undefined && min <= 1) return `${item}${min === 0 ? "*" : "+"}`;
  return `${item}{${min},${max ?? ""}}`;
}
