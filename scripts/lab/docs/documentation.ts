import { readFileSync } from "node:fs";
import { runtimeVariablesTable, settingsTable } from "./configuration-tables.ts";
import { fillTables } from "./fill-tables.ts";
import { requestTable } from "./request-table.ts";

/** The pages that have tables made of the code. */
export const pages = ["README.md", "docs/configuration.md"] as const;

/** Each page as it is and as it has to be, by its path. */
export function documentation(): { path: string; is: string; shouldBe: string }[] {
  const tables = {
    request: requestTable(),
    settings: settingsTable(readFileSync("stacks/settings.ts", "utf8")),
    variables: runtimeVariablesTable(readFileSync("runtime/config.ts", "utf8")),
  };
  return pages.map((path) => {
    const is = readFileSync(path, "utf8");
    return { path, is, shouldBe: fillTables(is, tables) };
  });
}
