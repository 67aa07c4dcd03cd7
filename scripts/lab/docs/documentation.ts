import { readFileSync } from "node:fs";
import { runtimeVariablesTable, settingsTable } from "./configuration-tables.ts";
import { drawDiagram } from "./draw-diagram.ts";
import { fillTables } from "./fill-tables.ts";
import { requestTable } from "./request-table.ts";

/** A file of the documentation, or a part of it, that is made of others. */
export interface GeneratedFile {
  readonly path: string;
  /** The text in the repository. */
  readonly current: string;
  /** The text made anew. */
  readonly generated: string;
}

/** Every generated file: the pages with tables, and the diagram. */
export async function documentation(): Promise<GeneratedFile[]> {
  const tables = {
    request: requestTable(),
    settings: settingsTable(),
    variables: runtimeVariablesTable(),
  };
  const pages = ["README.md", "docs/configuration.md"].map((path) => {
    const current = text(path);
    return { path, current, generated: fillTables(current, tables) };
  });
  const svg = await drawDiagram(text("docs/infra.dot"), text("docs/infra.css"));
  return [...pages, { path: "docs/infra.svg", current: text("docs/infra.svg"), generated: svg }];
}

function text(path: string): string {
  return readFileSync(path, "utf8");
}
