import { type FaultNote, readFaultNotes } from "../../../../../scripts/lab/faults/fault-note.ts";
import {
  faultCounts,
  faultLine,
  faultReport,
} from "../../../../../scripts/lab/faults/fault-report.ts";
import { someMachine } from "../../../../helpers/machine.ts";

const row: FaultNote = {
  group: "disk full",
  fault: "/tmp has no room",
  must: "503",
  happened: "503, then 200",
  figures: { "left behind": "0 files", tries: "2" },
  outcome: "as it must",
  tookMs: 1234,
};
const skipped: FaultNote = {
  ...row,
  fault: "a mount",
  happened: "only root can mount",
  figures: {},
  outcome: "not run here",
};
const failed: FaultNote = {
  ...row,
  group: "engine killed",
  happened: "expected <200>\n| 500",
  outcome: "not as it must",
};
describe("the report of the faults", () => {
  const page = faultReport({ rows: [row, skipped, failed], machine: someMachine, tookMs: 61_000 });

  it("names the command, the machine and the time", () => {
    expect(page).toMatch(/^# Faults\n\nWritten by `make test-faults`\. 2026-11-25, commit 0123/);
    expect(page).toContain("load 0.1 at the start. 61.0 s in all.");
    expect(page).toContain("3 faults: 1 as it must, 1 not as it must, 1 not run here.");
  });

  it("has a table for each group, in order", () => {
    expect(page).toMatch(/## disk full\n\n\| fault \|[^#]*## engine killed\n\n\| fault \|/);
    expect(page).toContain(
      "| /tmp has no room | 503 | yes | 503, then 200 | left behind 0 files; tries 2 | 1.2 |",
    );
  });

  it("says why a fault was not run", () => {
    expect(page).toContain("| not run here | not run here, because only root can mount | |");
  });

  it("keeps a failure's text in its cell", () => {
    expect(page).toContain("| **NO** | expected &lt;200> \\| 500 |");
  });

  it("says of a known limit that it is one", () => {
    const known = faultReport({
      rows: [{ ...row, outcome: "known limit" }],
      machine: someMachine,
      tookMs: 1,
    });

    expect(known).toContain("| known limit | 503, then 200 |");
    expect(known).toContain("1 faults: 1 known limit.");
  });
});

describe("faultLine", () => {
  it("tells a row at the terminal", () => {
    expect(faultLine(row)).toBe(
      "as it must        1.2 s  disk full: /tmp has no room\n                         503, then 200 · left behind 0 files; tries 2",
    );
  });
});

describe("faultCounts", () => {
  it("counts by outcome", () => {
    expect(faultCounts([row, row, skipped])).toBe("3 faults: 2 as it must, 1 not run here.");
  });
});

describe("readFaultNotes", () => {
  it("reads whole lines only", () => {
    const text = `${JSON.stringify(row)}\n${JSON.stringify(skipped).slice(0, 20)}`;

    expect(readFaultNotes(text)).toEqual([row]);
  });

  it("refuses what is no note", () => {
    expect(() => readFaultNotes('{"group":"x"}\n')).toThrow();
  });
});
