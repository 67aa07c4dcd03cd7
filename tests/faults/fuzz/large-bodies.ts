import * as fc from "fast-check";
import { longestBody } from "../../../runtime/http/request-body.ts";
import { textBounds } from "../../../runtime/request/request.ts";

/** Makes a body of about so many bytes. */
type Builder = (bytes: number) => string;

/** A piece, written again and again with a number in it, until it is long enough. */
function repeated(piece: (at: number) => string, bytes: number, between = ","): string {
  const width = piece(9_999).length + between.length;
  return Array.from({ length: Math.ceil(bytes / width) }, (_, at) => piece(at)).join(between);
}

const nested = (open: string, close: string, bytes: number) => {
  const depth = Math.floor(bytes / (open.length + close.length));
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
};

const withSchema = (schema: string) => `{"prompt":"Hi","json_schema":${schema}}`;
const withGrammar = (grammar: string) => JSON.stringify({ prompt: "Hi", grammar });

/** As much of a grammar as may be, whatever the body may hold. */
const grammarBytes = (bytes: number) => Math.min(bytes, textBounds.grammarLength) - 200;

/** Names of two letters: as many rules as possible. */
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const shortName = (at: number) =>
  `${letters[Math.floor(at / letters.length) % letters.length]}${letters[at % letters.length]}`;

/** `aa ::= ab`, `ab ::= ac` … as long as there are names. */
function ruleChain(bytes: number, ending: string): string {
  const count = Math.min(Math.floor(grammarBytes(bytes) / 8), letters.length ** 2 - 1);
  const rules = Array.from({ length: count }, (_, at) => `${shortName(at)}::=${shortName(at + 1)}`);
  return withGrammar(`root ::= aa "x"\n${rules.join("\n")}\n${shortName(count)}::=${ending}`);
}

/** Sixty schemas inside each other. */
const schemaTower = (around: (inner: string) => string) =>
  withSchema(Array.from({ length: 60 }).reduce<string>(around, "true"));

/** What takes long, or much memory, or the stack, if anything does. */
export const largeBodies: Readonly<Record<string, Builder>> = {
  "brackets in brackets": (bytes) => nested("[", "]", bytes),
  "objects in objects": (bytes) => nested('{"a":', "}", bytes),
  "a prompt of brackets": (bytes) => `{"prompt":${nested("[", "]", bytes)}}`,
  "messages in messages": (bytes) => `{"messages":${nested('[{"content":', "}]", bytes)}}`,
  "a value for `const` in brackets": (bytes) => withSchema(`{"const":${nested("[", "]", bytes)}}`),
  "a type in brackets": (bytes) => withSchema(`{"type":${nested("[", "]", bytes)}}`),
  "schemas in schemas": (bytes) => withSchema(nested('{"items":', "}", bytes)),
  "many fields": (bytes) => `{"prompt":"Hi",${repeated((at) => `"promp${at}":1`, bytes)}}`,
  "many messages": (bytes) =>
    `{"messages":[${repeated(() => '{"role":"user","content":"x"}', bytes)}]}`,
  "many empty messages": (bytes) => `{"messages":[${repeated(() => "{}", bytes)}]}`,
  "many stop strings": (bytes) => `{"prompt":"Hi","stop":[${repeated(() => '"x"', bytes)}]}`,
  "a long prompt": (bytes) => JSON.stringify({ prompt: "é".repeat(bytes / 2) }),
  "a long prompt of escapes": (bytes) => `{"prompt":"${"\\u0000".repeat(bytes / 6)}"}`,
  "a message of special tokens": (bytes) =>
    JSON.stringify({ messages: [{ role: "user", content: "<|a|>".repeat(bytes / 5) }] }),
  "a message of beginnings of special tokens": (bytes) =>
    JSON.stringify({ messages: [{ role: "user", content: "<|a".repeat(bytes / 3) }] }),
  "a long name": (bytes) => JSON.stringify({ prompt: "Hi", ["\u0001".repeat(bytes / 6)]: 1 }),
  "a long number": (bytes) => `{"prompt":"Hi","seed":${"9".repeat(bytes)}}`,
  "white space": (bytes) => `{"prompt":"Hi"${" ".repeat(bytes)}}`,
  "many properties": (bytes) =>
    withSchema(`{"properties":{${repeated((at) => `"k${at}":{}`, bytes)}}}`),
  "many required names": (bytes) =>
    withSchema(`{"required":[${repeated((at) => `"k${at}"`, bytes)}]}`),
  "many keywords": (bytes) => withSchema(`{${repeated((at) => `"k${at}":1`, bytes)}}`),
  "many values": (bytes) =>
    withSchema(`{"type":"string","enum":[${repeated((at) => `"${at}"`, bytes)}]}`),
  "many types": (bytes) => withSchema(`{"type":[${repeated(() => '"object"', bytes)}]}`),
  "a chain of references": (bytes) =>
    withSchema(
      `{"$ref":"#/$defs/0","$defs":{${repeated((at) => `"${at}":{"$ref":"#/$defs/${at + 1}"}`, bytes)}}}`,
    ),
  "one long name with many faults": (bytes) =>
    withSchema(
      `{"properties":{"${"k".repeat(bytes / 2)}":{${repeated((at) => `"k${at}":1`, bytes / 4)}}}}`,
    ),
  "a tower of names without properties": () =>
    schemaTower((inner) => `{"required":["a","b","c"],"additionalProperties":${inner}}`),
  "a tower of types": () =>
    schemaTower(
      (inner) => `{"type":["object","array","object"],"items":${inner},"properties":{"a":true}}`,
    ),
  "a tower of repetitions": () =>
    schemaTower((inner) => `{"type":"array","items":${inner},"minItems":9,"maxItems":2000}`),
  "a chain of rules": (bytes) => ruleChain(bytes, '"x"'),
  "a chain of rules that may be empty": (bytes) => ruleChain(bytes, '""'),
  "a circle of rules": (bytes) => ruleChain(bytes, "aa"),
  "a rule of many rules": (bytes) =>
    withGrammar(`root ::= ${"a ".repeat(grammarBytes(bytes) / 2)}"x"\na::=""`),
  "many choices": (bytes) =>
    withGrammar(`root ::= ${"a|".repeat(grammarBytes(bytes) / 2)}"x"\na::="y"`),
  "many comments": (bytes) => withGrammar(`${"#\n".repeat(grammarBytes(bytes) / 2)}root ::= "x"`),
  "blanks in a grammar": (bytes) => withGrammar(`root ::= ${" ".repeat(grammarBytes(bytes))}"x"`),
  "groups in groups": (bytes) =>
    withGrammar(`root ::= ${"(".repeat(grammarBytes(bytes) / 2)}"x"${")".repeat(99)}`),
  "groups of much, in groups": (bytes) =>
    withGrammar(
      `root ::= ${"(".repeat(99)}${'"x" '.repeat(grammarBytes(bytes) / 4)}${")".repeat(99)}`,
    ),
  "repetitions of repetitions": (bytes) =>
    withGrammar(`root ::= "x"${"?".repeat(grammarBytes(bytes))}`),
  "groups of repetitions": () =>
    withGrammar(`root ::= ${"(".repeat(99)}"x"${"){999999}".repeat(99)}`),
};

/** Bodies of every kind, as long as Lambda takes at most; most are as long as the HTTP routes take. */
export const largeBody = fc
  .record({
    name: fc.constantFrom(...Object.keys(largeBodies)),
    bytes: fc.oneof(
      fc.integer({ min: 1000, max: longestBody }),
      fc.constantFrom(50_000, 500_000, longestBody - 1000, longestBody + 1000),
    ),
  })
  .map(({ name, bytes }) => ({ name, body: Buffer.from(largeBodies[name]?.(bytes) ?? "") }));
