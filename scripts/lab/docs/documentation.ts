import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";
import { environmentSchema } from "../../../runtime/config.ts";
import { settings } from "../../../stacks/settings.ts";
import { environmentVariables, settingsSchema } from "../../../stacks/settings-schema.ts";
import { markdownTable } from "../../cli/markdown-table.ts";
import { fillTables } from "../fill-tables.ts";
import { compatibilityTable } from "./compatibility-table.ts";
import { demoPicture } from "./demo-picture.ts";
import { requestTable } from "./request-table.ts";
import { schemaSummary } from "./schema-summary.ts";

/** A file of the documentation that is generated, wholly or in part. */
interface GeneratedFile {
  readonly path: string;
  /** The text in the repository. */
  readonly current: string;
  /** The text as it should be. */
  readonly generated: string;
}

/** Every generated file: the pages with tables, the diagram, and the terminal of `make demo`. */
export async function documentation(): Promise<GeneratedFile[]> {
  const tables = {
    compatibility: compatibilityTable(),
    request: requestTable(),
    settings: settingsTable(),
    variables: runtimeVariablesTable(),
  };
  const pages = ["docs/api.md", "docs/configuration.md"].map((path) => {
    const current = text(path);
    return { path, current, generated: fillTables(current, tables) };
  });
  const pictures = {
    "docs/infra.svg": await diagram(),
    "docs/demo.svg": demoPicture(text("README.md")),
  };
  return [
    ...pages,
    ...Object.entries(pictures).map(([path, generated]) => {
      return { path, current: text(path), generated };
    }),
  ];
}

/** What a deployer may set, from the settings' schema. */
function settingsTable(): string {
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
function runtimeVariablesTable(): string {
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

/** The SVG of docs/infra.dot. The style sheet overrides Graphviz's colours by the graph's classes. */
async function diagram(): Promise<string> {
  const graphviz = await instance();
  const svg = graphviz.renderString(text("docs/infra.dot"), { format: "svg" });
  return svg
    .slice(svg.indexOf("<svg"))
    .replace('<g id="graph0"', `<style>\n${text("docs/infra.css")}</style>\n$&`)
    .replaceAll('font-family="Helvetica"', 'font-family="Helvetica,Arial,sans-serif"');
}

function text(path: string): string {
  return readFileSync(path, "utf8");
}
