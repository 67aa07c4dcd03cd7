import { UserError } from "../../../model/user-error.ts";
import { benchmarkVisits, type Case, type Visit } from "./benchmark-plan.ts";
import { type Measurement, type MeasurementRun, openRun } from "./measurement-run.ts";

/** How a measurement ended that was not interrupted. */
export type Ending = "whole" | "budget";

/**
 * Goes through the plan, one invocation at a time. Leaves `$LATEST` changed.
 *
 * @throws the signal's reason when interrupted, UserError when AWS refuses what it needs
 */
export async function measure(measurement: Measurement): Promise<Ending> {
  const { settings, signal } = measurement;
  const run = openRun(measurement);
  const visits = [...benchmarkVisits(settings)];
  for (let visit = visits.shift(); visit !== undefined; visit = visits.shift()) {
    if (run.isGivenUp(visit)) continue;
    signal.throwIfAborted();
    if (!run.canAfford(visit)) return "budget";
    const version = await run.publish(visit);
    const again = await measureVersion(measurement, run, { visit, version });
    await measurement.control.deleteVersion(version).catch(leaveForTheEnd);
    if (again === "budget") return "budget";
    visits.push(...again);
  }
  return "whole";
}

/** What is not deleted now is found and deleted by the restoration, or told there. */
function leaveForTheEnd(error: unknown): void {
  if (!(error instanceof UserError) && (error as Error).name !== "AbortError") throw error;
}

/** Calls one version: cold first, then warm. Visits for what has to be asked for anew. */
async function measureVersion(
  { signal }: Measurement,
  run: MeasurementRun,
  { visit, version }: { visit: Visit; version: string },
): Promise<Visit[] | "budget"> {
  const { memoryMiB, engine, coldTokens, warmTokens } = visit;
  const cases: Case[] = [
    { memoryMiB, engine, start: "cold", tokensAsked: coldTokens },
    ...warmTokens.map((tokensAsked): Case => ({ memoryMiB, engine, start: "warm", tokensAsked })),
  ];
  const again: Visit[] = [];
  for (let call = 1, one = cases.shift(); one !== undefined; call++, one = cases.shift()) {
    signal.throwIfAborted();
    if (!run.canAfford(visit)) return "budget";
    const sample = await run.sample(one, version, call);
    if (run.isGivenUp(visit)) return [];
    if (sample.error === undefined || !run.takeSpare(one)) continue;
    // A refused call has not reached the version: the next one still meets what this one would have.
    if (sample.error === "throttle") cases.unshift(one);
    else if (one.start === "warm") cases.push(one);
    else again.push({ ...visit, warmTokens: [] });
  }
  return again;
}
