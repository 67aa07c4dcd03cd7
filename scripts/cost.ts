import { runCommandLine } from "./cli/command-line.ts";
import { costFiles, terminalText } from "./lab/cost/cost-page.ts";
import { costReport } from "./lab/cost/cost-report.ts";
import { parseCostSettings } from "./lab/cost/cost-settings.ts";
import { readMeasured, writeFiles } from "./lab/cost/report-files.ts";

// `make cost`: what tokens cost by memory, architecture and engine, and against an always-on
// instance. Without settings it writes docs/cost.md, which a test compares; with settings it writes
// the same page to OUT only. The settings are listed in scripts/lab/cost/cost-settings.ts.

await runCommandLine(async () => {
  const settings = parseCostSettings(process.env);
  const report = costReport(settings, settings.MEASURED && readMeasured(settings.MEASURED));
  console.log(terminalText(report));
  const isDefault = Object.keys(settings.given).length === 0;
  const folder = settings.OUT ?? (isDefault ? "docs" : undefined);
  if (folder === undefined) {
    console.log("\nNothing is written: OUT=folder writes a page and charts of this.");
    return;
  }
  for (const path of writeFiles(folder, costFiles(report))) console.log(path);
});
