import { requireConsent } from "../../cli/consent.ts";
import { controlClient, type RemoteBenchmarkParts } from "./benchmark-parts.ts";
import type { ReportEnding } from "./benchmark-report.ts";
import { parseBenchmarkSettings } from "./benchmark-settings.ts";
import { restoreLeftover, tellOfLeftover } from "./leftover.ts";
import { measureAndRestore } from "./measure-and-restore.ts";
import { readMeasuredFunction } from "./measured-function.ts";
import { readNote } from "./original-note.ts";
import { planText, requireAffordable } from "./plan-text.ts";
import { openReportFiles } from "./report-files.ts";

/**
 * `make benchmark-remote`: puts back what a killed run has left, shows what it costs, asks, measures,
 * puts the function back whatever happens, and writes the report.
 *
 * @returns how it ended; `undefined` when it was not to measure
 * @throws UserError for bad settings, without consent, when AWS refuses, when it cannot put back
 */
export async function runRemoteBenchmark(
  parts: RemoteBenchmarkParts,
): Promise<ReportEnding | undefined> {
  const { environment, notePath, region, findFunctionName, writeLine } = parts;
  const settings = parseBenchmarkSettings(environment);
  const leftover = readNote(notePath);
  if (leftover !== undefined && settings.isDryRun) {
    tellOfLeftover(parts, leftover);
    return undefined;
  }
  if (leftover !== undefined) await restoreLeftover(parts, leftover);

  const functionName = settings.functionName ?? (await findFunctionName());
  const client = controlClient(parts, region);
  const measured = await readMeasuredFunction(parts, client, functionName);
  writeLine(planText(settings, measured.original, region));
  requireAffordable(settings, measured.original);
  if (settings.isDryRun) return undefined;

  const files = openReportFiles(settings.outputFolder);
  if (!settings.isAgreed) await requireAgreement(parts, settings.budgetUsd);
  return measureAndRestore(parts, { settings, measured, files });
}

function requireAgreement({ ask }: RemoteBenchmarkParts, budgetUsd: number): Promise<void> {
  return requireConsent(
    {
      question: `Type yes to spend up to ${budgetUsd} USD on it: `,
      agreement: "yes",
      withoutTerminal: "nobody is there to ask: YES=1 make benchmark-remote",
      otherwise: "Nothing was measured, and nothing spent.",
    },
    ask,
  );
}
