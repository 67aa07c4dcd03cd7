import { appendFileSync } from "node:fs";
import { failureText } from "../../../scripts/lab/faults/failure-text.ts";
import { type FaultNote, faultNotesVariable } from "../../../scripts/lab/faults/fault-note.ts";

/** What came of a fault: asserted before, told here. */
export interface Observed {
  readonly happened: string;
  /** Measured, each under its name, with its unit. */
  readonly figures?: Readonly<Record<string, string | number>>;
  /** It is not as one would wish, is known, and cannot well be otherwise: the row says so. */
  readonly isKnownLimit?: boolean;
}

/** One fault: a jest test, and a row of `docs/faults.md`. */
export interface Fault {
  /** What is done to the program. */
  readonly fault: string;
  /** What the program must make of it. */
  readonly must: string;
  /** Why it cannot be tried on this machine: a sentence behind "not run here, because". */
  readonly notHere?: string | undefined;
  /** Brings it about, asserts, and tells. */
  readonly run: () => Promise<Observed>;
  /** Milliseconds after which it has failed. */
  readonly limitMs?: number;
}

const defaultLimitMs = 60_000;

/** Tries a fault. To be called inside a `describe`, whose title is the fault's group. */
export function itSurvives({ fault, must, notHere, run, limitMs = defaultLimitMs }: Fault): void {
  it(
    fault,
    async () => {
      const group = groupOfTest(fault);
      const startedAt = performance.now();
      const tell = (outcome: FaultNote["outcome"], { happened, figures = {} }: Observed) =>
        note({
          group,
          fault,
          must,
          outcome,
          happened,
          figures: Object.fromEntries(
            Object.entries(figures).map(([name, value]) => [name, String(value)]),
          ),
          tookMs: performance.now() - startedAt,
        });
      if (notHere !== undefined) return tell("not run here", { happened: notHere });
      try {
        const observed = await run();
        tell(observed.isKnownLimit ? "known limit" : "as it must", observed);
      } catch (error) {
        const happened = failureText(error instanceof Error ? error.message : String(error));
        tell("not as it must", { happened });
        throw error;
      }
    },
    limitMs,
  );
}

/** Jest tells a test's full name only: the titles around it, joined by spaces, and its own. */
function groupOfTest(fault: string): string {
  const fullName = expect.getState().currentTestName ?? "";
  return fullName.slice(0, -fault.length - 1);
}

function note(row: FaultNote): void {
  const path = process.env[faultNotesVariable];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(row)}\n`);
}

/** `46 × 500 engine-failed, 2 × 503 engine-killed` */
export function tally(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${count} × ${text}`).join(", ");
}

/** The longest of several durations, for a figure. */
export function slowest(answers: readonly { readonly tookMs: number }[]): string {
  return `${Math.max(...answers.map(({ tookMs }) => tookMs)).toFixed(0)} ms`;
}
