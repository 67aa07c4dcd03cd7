import { readFileSync } from "node:fs";
import { instance } from "@viz-js/viz";
import { runtimeVariablesTable, settingsTable } from "./configuration-tables.ts";
import { fillTables } from "./fill-tables.ts";
import { requestTable } from "./request-table.ts";

/** A file of the documentation that is generated, wholly or in part. */
interface GeneratedFile {
  readonly path: string;
  /** The text in the repository. */
  readonly current: string;
  /** The text as it should be. */
  readonly generated: string;
}

/** Every generated file: the pages with tables, and the diagram. */
export async function documentation(): Promise<GeneratedFile[]> {
  const tables = {
    request: requestTable(),
    settings: settingsTable(),
    variables: runtimeVariablesTable(),
  };
  const pages = ["docs/api.md", "docs/configuration.md"].map((path) => {
    const current = text(path);
    return { path, current, generated: fillTables(current, tables) };
  });
  const path = "docs/infra.svg";
  return [...pages, { path, current: text(path), generated: await diagram() }];
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
