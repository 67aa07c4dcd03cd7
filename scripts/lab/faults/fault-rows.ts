import { basename } from "node:path";
import { failureText } from "./failure-text.ts";
import type { FaultNote } from "./fault-note.ts";
import type { JestResult } from "./jest-result.ts";

type JestFile = JestResult["testResults"][number];
type JestTest = JestFile["assertionResults"][number];

/**
 * The rows of the report: what the faults noted of themselves, and what jest alone knows, which is
 * never good: files that did not run, tests that did not come to their end, and failures behind it
 * (in an `afterEach`). In the order of the files' names: jest runs the longest first.
 */
export function faultRows(notes: readonly FaultNote[], result: JestResult): FaultNote[] {
  const noted = new Map(notes.map((note) => [keyOf(note.group, note.fault), note]));
  const files = result.testResults.toSorted((a, b) => a.name.localeCompare(b.name));
  return files.flatMap((file) =>
    file.assertionResults.length === 0
      ? brokenFile(file)
      : file.assertionResults.filter(wasRun).map((test) => {
          const note = noted.get(keyOf(groupOf(test), test.title));
          return test.status === "passed" && note !== undefined ? note : failedRow(test, note);
        }),
  );
}

/** Those left out by ONLY are `pending`. */
function wasRun(test: JestTest): boolean {
  return test.status !== "pending";
}

function failedRow(test: JestTest, note: FaultNote | undefined): FaultNote {
  if (note?.outcome === "not as it must") return note;
  const blank = { must: "", figures: {}, tookMs: 0 };
  return {
    ...blank,
    ...note,
    group: groupOf(test),
    fault: test.title,
    happened: failureText(test.failureMessages[0] ?? "it noted nothing of itself"),
    outcome: "not as it must",
  };
}

function brokenFile({ name, message }: JestFile): FaultNote[] {
  if (message === "") return [];
  return [
    {
      group: basename(name),
      fault: "the file itself",
      must: "run",
      happened: failureText(message),
      figures: {},
      outcome: "not as it must",
      tookMs: 0,
    },
  ];
}

function groupOf({ ancestorTitles }: JestTest): string {
  return ancestorTitles.join(", ");
}

function keyOf(group: string, fault: string): string {
  return `${group}\n${fault}`;
}
