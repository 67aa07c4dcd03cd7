import * as z from "zod";
import type { Environment } from "../runtime/variables.ts";

/** The environment variable that overrides a setting, and what the setting means. */
interface SettingVariable {
  readonly variable: string;
  /** Converts the variable's text. Text that does not convert is left for the schema to refuse. */
  readonly read?: (text: string) => unknown;
  /** For the documentation. */
  readonly meaning: string;
}

/** The metadata of the settings that have a variable, by their schemas. */
export const settingVariables = z.registry<SettingVariable>();

/** Reads `3008`. */
export function asNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Reads `1`, `true`, `0` or `false`, in any case. */
export function asBoolean(text: string): unknown {
  if (/^(1|true)$/i.test(text)) return true;
  return /^(0|false)$/i.test(text) ? false : text;
}

/** Reads `a, b`. */
export function asList(text: string): string[] {
  return text
    .trim()
    .split(/\s*,\s*/)
    .filter((item) => item !== "");
}

/** Reads `name=value, other=value`. */
export function asPairs(text: string): Record<string, string> {
  return Object.fromEntries(
    asList(text).map((item) => {
      const [name = "", ...value] = item.split("=");
      return [name, value.join("=")];
    }),
  );
}

/** The variable of each field of a schema that has one. */
export function variablesOf(schema: z.ZodObject): ReadonlyMap<string, SettingVariable> {
  return new Map(
    Object.entries(schema.shape).flatMap(([field, type]) => {
      const variable = settingVariables.get(type);
      return variable === undefined ? [] : [[field, variable] as const];
    }),
  );
}

/** The fields whose variables are set, converted but not checked. An empty variable is not set. */
export function readSettings(
  variables: ReadonlyMap<string, SettingVariable>,
  environment: Environment,
): Record<string, unknown> {
  return Object.fromEntries(
    [...variables].flatMap(([field, { variable, read = String }]) => {
      const text = environment[variable];
      return text ? [[field, read(text)]] : [];
    }),
  );
}
