import { environmentSchema } from "../../../runtime/config.ts";
import { environmentVariables } from "../../../stacks/environment.ts";
import { settings } from "../../../stacks/settings.ts";
import { settingsSchema } from "../../../stacks/settings-schema.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { schemaSummary } from "./schema-summary.ts";
import { sourceDocs } from "./source-docs.ts";

/**
 * What a deployer may set, from the schema, the settings and their docstrings.
 *
 * @param source text of `stacks/settings.ts`
 */
export function settingsTable(source: string): string {
  const docs = sourceDocs(source);
  const rows = [...environmentVariables].map(([field, { name }]) => [
    `\`${name}\``,
    `\`${field}\``,
    schemaSummary(settingsSchema.shape[field as keyof typeof settingsSchema.shape]).allowed,
    valueText(settings[field as keyof typeof settings]),
    withoutVariable(requiredDoc(docs, field)),
  ]);
  return markdownTable(["variable", "in `stacks/settings.ts`", "allowed", "as it comes", ""], rows);
}

/**
 * What the function itself reads from its environment, from the schema and its docstrings.
 *
 * @param source text of `runtime/config.ts`
 */
export function runtimeVariablesTable(source: string): string {
  const docs = sourceDocs(source);
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const { allowed, defaultValue } = schemaSummary(schema);
    return [`\`${name}\``, allowed, valueText(defaultValue), requiredDoc(docs, name)];
  });
  return markdownTable(["variable", "allowed", "default", ""], rows);
}

function requiredDoc(docs: ReadonlyMap<string, string>, name: string): string {
  const doc = docs.get(name);
  if (doc !== undefined) return doc;
  throw new Error(`${name} has no docstring: the table in the documentation is made of it`);
}

/** `` `APP_NAME`: first part `` → `first part`: the variable has a column of its own. */
function withoutVariable(doc: string): string {
  return doc.replace(/^`[A-Z_]+`(: )?/, "");
}

function valueText(value: unknown): string {
  if (value === undefined) return "not set";
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? "none" : `\`${String(value)}\``;
}
