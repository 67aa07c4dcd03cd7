import { writeFileSync } from "node:fs";
import { runCommandLine } from "./cli/command-line.ts";
import { costFiles, costTables } from "./lab/cost/cost-page.ts";
import { costRows, readCostSettings } from "./lab/cost/cost-rows.ts";

// `make cost`: the price of a million tokens by memory size and architecture, and of alternatives.
// Without settings it writes docs/cost.md and its chart, which a test compares; with settings it
// prints the tables only. The settings are in scripts/lab/cost/cost-rows.ts.

await runCommandLine(async () => {
  const settings = readCostSettings(process.env);
  console.log(costTables(costRows(settings)));
  if (Object.keys(settings).length > 0) return;
  for (const [name, text] of Object.entries(costFiles())) {
    writeFileSync(`docs/${name}`, text);
    console.log(`docs/${name}`);
  }
});
