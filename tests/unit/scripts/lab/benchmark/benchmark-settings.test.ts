import { parseBenchmarkSettings } from "../../../../../scripts/lab/benchmark/benchmark-settings.ts";
import { experiments } from "../../../../../scripts/lab/benchmark/experiments.ts";

describe("parseBenchmarkSettings", () => {
  it("runs everything into docs unless told otherwise", () => {
    expect(parseBenchmarkSettings({ ROUNDS: "", ONLY: "", OUT: "" })).toEqual({
      rounds: 20,
      only: experiments.map(({ id }) => id),
      outFolder: "docs",
      isRawKept: false,
    });
  });

  it("writes no report of a part, unless to a folder of its own", () => {
    expect(parseBenchmarkSettings({ ONLY: "overhead, sizing" })).toMatchObject({
      only: ["overhead", "sizing"],
      outFolder: undefined,
    });
    expect(parseBenchmarkSettings({ ONLY: "sizing", OUT: "temp" }).outFolder).toBe("temp");
  });

  it.each(["5", "1000"])("takes %s rounds", (rounds) => {
    expect(parseBenchmarkSettings({ ROUNDS: rounds }).rounds).toBe(Number(rounds));
  });

  it.each(["4", "1001", "7.5", "many"])("refuses %s rounds", (rounds) => {
    expect(() => parseBenchmarkSettings({ ROUNDS: rounds })).toThrow(
      `ROUNDS=${rounds}: a whole number from 5 to 1000`,
    );
  });

  it("keeps raw samples with RAW=1 only", () => {
    expect(parseBenchmarkSettings({ RAW: "1" }).isRawKept).toBe(true);
    expect(() => parseBenchmarkSettings({ RAW: "yes" })).toThrow("RAW=yes: must be 1, or not set");
  });

  it("lists every problem, and the experiments", () => {
    expect(() => parseBenchmarkSettings({ ROUNDS: "0", ONLY: "sizing,speed" })).toThrow(
      /ROUNDS=0: .*\nONLY=sizing,speed: must be some of overhead, engines, /,
    );
  });
});
