import { environmentSchema } from "../../../runtime/config.ts";
import { settings } from "../../../stacks/settings.ts";
import { environmentVariables, settingsSchema } from "../../../stacks/settings-schema.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { schemaSummary } from "./schema-summary.ts";

/** What a deployer may set, from the settings' schema. */
export function settingsTable(): string {
  const rows = [...environmentVariables].map(([field, { variable, meaning }]) => [
    `\`${variable}\``,
    `\`${field}\``,
    schemaSummary(settingsSchema.shape[field as keyof typeof settingsSchema.shape]).allowed,
    valueText(settings[field as keyof typeof settings]),
    meaning,
  ]);
  return markdownTable(["variable", "in `stacks/settings.ts`", "allowed", "value", ""], rows);
}

/** The variables that the function reads, from the runtime's schema. */
export function runtimeVariablesTable(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const { allowed, defaultValue } = schemaSummary(schema);
    return [`\`${name}\``, allowed, valueText(defaultValue), schema.description ?? ""];
  });
  return markdownTable(["variable", "allowed", "default", ""], rows);
}

function valueText(value: unknown): string {
  if (value === undefined) return "not set";
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? "none" : `\`${String(value)}\``;
}
