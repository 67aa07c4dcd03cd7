import type { FaultNote } from "../../../../../scripts/lab/faults/fault-note.ts";
import { faultRows } from "../../../../../scripts/lab/faults/fault-rows.ts";
import type { JestResult } from "../../../../../scripts/lab/faults/jest-result.ts";

const note: FaultNote = {
  group: "engine killed",
  fault: "by SIGSEGV",
  must: "tell",
  happened: "500",
  figures: { signals: "1" },
  outcome: "as it must",
  tookMs: 5,
};

function resultOf(status: string, failureMessages: string[] = [], title = note.fault) {
  const test = { ancestorTitles: [note.group], title, status, failureMessages };
  return { testResults: [{ name: "/x/a.faults.ts", message: "", assertionResults: [test] }] };
}

describe("faultRows", () => {
  it("takes what a fault noted of itself", () => {
    expect(faultRows([note], resultOf("passed"))).toEqual([note]);
  });

  it("has the same order however jest ran them", () => {
    const later = { ...resultOf("failed", ["x"], "later").testResults[0], name: "/x/b.faults.ts" };
    const [sooner] = resultOf("passed").testResults;
    const files = [later, sooner] as JestResult["testResults"];

    expect(faultRows([note], { testResults: files }).map(({ fault }) => fault)).toEqual([
      note.fault,
      "later",
    ]);
  });

  it("leaves out what ONLY left out", () => {
    expect(faultRows([], resultOf("pending"))).toEqual([]);
  });

  it("tells of a fault that noted nothing why, as jest has it", () => {
    const result = resultOf("failed", ["\u001b[31mthrown: took too long\u001b[39m\n    at x (y)"]);

    expect(faultRows([], result)).toMatchObject([
      {
        group: note.group,
        fault: note.fault,
        happened: "thrown: took too long",
        outcome: "not as it must",
      },
    ]);
  });

  it("does not take a fault's word against jest's", () => {
    const result = resultOf("failed", ["left a process behind"]);

    expect(faultRows([note], result)).toEqual([
      { ...note, happened: "left a process behind", outcome: "not as it must" },
    ]);
  });

  it("keeps a fault's own words for its failure", () => {
    const failed: FaultNote = { ...note, outcome: "not as it must", happened: "truncated" };

    expect(faultRows([failed], resultOf("failed", ["other"]))).toEqual([failed]);
  });

  it("fails a test that passed and is no row", () => {
    expect(faultRows([note], resultOf("passed", [], "another"))).toMatchObject([
      { fault: "another", happened: "it noted nothing of itself", outcome: "not as it must" },
    ]);
  });

  it("tells of a file that could not be run, without its folder", () => {
    const file = { name: "/x/a.faults.ts", message: "● no such\n\nmodule", assertionResults: [] };

    expect(faultRows([], { testResults: [file] })).toMatchObject([
      { group: "a.faults.ts", happened: "module", outcome: "not as it must" },
    ]);
  });
});
