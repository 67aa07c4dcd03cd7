/**
 * JSON as the engine's library (nlohmann's, ordered) holds it: integers apart from other numbers,
 * and objects in the order of their text, whatever the keys.
 */

/** Integers are bigint, other numbers are number. */
export type JsonValue = null | boolean | bigint | number | string | JsonValue[] | JsonObject;

/** An object in the order of its text. */
export type JsonObject = Map<string, JsonValue>;

/** What the engine's library throws; `message` is in its words. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** The compact text of a value, as the engine's library writes it. */
export function jsonText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number") return realText(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The kind of a value, as error messages name it. */
export function jsonKind(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return KINDS[typeof value] ?? "object";
}

const KINDS: Readonly<Record<string, string>> = {
  boolean: "boolean",
  bigint: "number",
  number: "number",
  string: "string",
};

/** Decimal places before and behind the point that are written without an exponent. */
const [LEADING_ZEROS, INTEGER_DIGITS] = [4, 15];

/** The shortest digits that give the number back; 2 is "2.0", 1e20 is "1e+20". */
function realText(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const point = Number(exponent) + 1;
  if (point > INTEGER_DIGITS || point <= -LEADING_ZEROS) {
    const sign = point > 0 ? "+" : "-";
    return `${mantissa}e${sign}${String(Math.abs(point - 1)).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
