/**
 * The rule of a JSON object: first the properties that must be there, then any of the others, all
 * in the order of the schema. A property that may be left out brings a rule for what can follow.
 *
 * Source: _build_object_rule and _not_strings of common/json-schema-to-grammar.cpp,
 * llama.cpp@1f86f058 (read 2026-11).
 */
import { type GrammarRules, literal } from "./json-schema-rules.ts";
import type { JsonValue } from "./json-value.ts";

/** A property's name and its schema. */
export type Property = readonly [name: string, schema: JsonValue];

/** What makes rules. */
export interface RuleMaker {
  readonly rules: GrammarRules;
  /** Adds the rules of a schema, and returns the name of its own. */
  readonly visit: (schema: JsonValue, name: string) => string;
}

/** An object, as its schema describes it. */
export interface ObjectShape {
  /** Its place in the schema; empty at the root. */
  readonly name: string;
  readonly properties: readonly Property[];
  readonly required: ReadonlySet<string>;
  /** The schema of properties without a name, or whether there may be any; null says no. */
  readonly additional: JsonValue;
}

/** Stands for properties without a name. */
const ANY_NAME = "*";

/** The text of the object's rule; adds the rules that it needs. */
export function objectRule(maker: RuleMaker, shape: ObjectShape): string {
  const prefix = shape.name === "" ? "" : `${shape.name}-`;
  const pairs = pairRules(maker, shape, prefix);
  const required = shape.properties
    .map(([name]) => name)
    .filter((name) => shape.required.has(name));
  const optional = shape.properties
    .map(([name]) => name)
    .filter((name) => !shape.required.has(name));
  if (pairs.has(ANY_NAME)) optional.push(ANY_NAME);
  const fixed = required.map((name) => pairs.get(name)).join(' "," space ');
  return `"{" space ${fixed}${optionalPart()} "}" space`;

  function optionalPart(): string {
    if (optional.length === 0) return "";
    const starts = optional.map((_, index) => optionalFrom(optional.slice(index), false));
    const choice = starts.join(" | ");
    return required.length > 0 ? ` ( "," space ( ${choice} ) )?` : ` (${choice} )?`;
  }

  /** One optional property and what may follow it. */
  function optionalFrom([name = "", ...others]: string[], isFollowing: boolean): string {
    const pair = pairs.get(name) ?? "";
    const following = `( "," space ${pair} )`;
    const isAny = name === ANY_NAME;
    const anyMore = isAny ? ` ${following}*` : "";
    const own = isFollowing ? `${following}${isAny ? "*" : "?"}` : `${pair}${anyMore}`;
    if (others.length === 0) return own;
    return `${own} ${maker.rules.add(`${prefix}${name}-rest`, optionalFrom(others, true))}`;
  }
}

/** Name of the rule for each property with its value. */
function pairRules(
  { rules, visit }: RuleMaker,
  { properties, additional }: ObjectShape,
  prefix: string,
): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [name, schema] of properties) {
    const value = visit(schema, `${prefix}${name}`);
    const key = literal(JSON.stringify(name));
    pairs.set(name, rules.add(`${prefix}${name}-kv`, `${key} space ":" space ${value}`));
  }
  if (additional !== true && !(additional instanceof Map)) return pairs;
  const sub = `${prefix}additional`;
  const value =
    additional === true ? rules.addPrimitive("value") : visit(additional, `${sub}-value`);
  const names = [...pairs.keys()];
  const key =
    names.length === 0
      ? rules.addPrimitive("string")
      : rules.add(`${sub}-k`, otherNames(names, rules));
  return pairs.set(ANY_NAME, rules.add(`${sub}-kv`, `${key} ":" space ${value}`));
}

/** Names by their characters: `isName` says that one ends here. */
interface NameTree {
  readonly next: Map<string, NameTree>;
  isName: boolean;
}

/** A rule for a JSON string that is none of these, written as a tree of first characters. */
function otherNames(names: readonly string[], rules: GrammarRules): string {
  const character = rules.addPrimitive("char");
  const tree: NameTree = { next: new Map(), isName: false };
  for (const name of names) insert(tree, name);
  const branches = (node: NameTree): string => {
    const nexts = [...node.next].sort(([one], [other]) => (one < other ? -1 : 1));
    const goOn = nexts.map(([first, child]) => {
      if (child.next.size > 0) return `[${first}] (${branches(child)})`;
      return `[${first}] ${character}+`;
    });
    if (nexts.length === 0) return "";
    return [...goOn, `[^"${nexts.map(([first]) => first).join("")}] ${character}*`].join(" | ");
  };
  return `["] ( ${branches(tree)} )${tree.isName ? "" : "?"} ["] space`;
}

function insert(tree: NameTree, name: string): void {
  let node = tree;
  for (const character of name) {
    const next: NameTree = node.next.get(character) ?? { next: new Map(), isName: false };
    node.next.set(character, next);
    node = next;
  }
  node.isName = true;
}
