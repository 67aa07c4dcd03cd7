import * as fc from "fast-check";
import { StopFinder } from "../../../runtime/stop-sequences.ts";

/** What is shown of pieces, in all and at once after each. */
function shownOf(pieces: readonly string[], stops: readonly string[]) {
  const finder = new StopFinder(stops);
  const results = pieces.map((piece) => finder.push(piece));
  const isFound = results.some((result) => result.isFound);
  const text = results.map((result) => result.text).join("") + finder.flush();
  return { text, isFound, pieces: results.map((result) => result.text) };
}

describe("StopFinder", () => {
  it("shows all that cannot become a stop string at once", () => {
    expect(shownOf(["one S", "T", "ONE"], ["STOP"]).pieces).toEqual(["one ", "", "STONE"]);
  });

  it("shows everything at once without stop strings", () => {
    expect(shownOf(["a", "b"], []).pieces).toEqual(["a", "b"]);
  });

  it("answers the same however the text is cut into pieces", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 5 });
    const stops = fc.array(
      letters.filter((stop) => stop !== ""),
      { minLength: 1, maxLength: 4 },
    );
    void fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), stops, (pieces, stopStrings) => {
        expect(shownOf(pieces, stopStrings)).toMatchObject(naive(pieces.join(""), stopStrings));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The slow way: the shortest beginning that ends in a stop string, less the longest such one. */
function naive(whole: string, stops: readonly string[]) {
  for (let end = 1; end <= whole.length; end++) {
    const ended = stops.filter((stop) => whole.slice(0, end).endsWith(stop));
    const longest = Math.max(...ended.map((stop) => stop.length));
    if (ended.length > 0) return { text: whole.slice(0, end - longest), isFound: true };
  }
  return { text: whole, isFound: false };
}
