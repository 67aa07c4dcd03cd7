import { parseBenchmarkSettings } from "../../../../../scripts/lab/benchmark/benchmark-settings.ts";
import { experiments } from "../../../../../scripts/lab/benchmark/experiments.ts";

describe("parseBenchmarkSettings", () => {
  it("runs everything into docs unless told otherwise", () => {
    expect(parseBenchmarkSettings({ ROUNDS: "", ONLY: "", OUT: "" })).toEqual({
      rounds: 20,
      only: experiments.map(({ id }) => id),
      outFolder: "docs",
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

  it("lists every problem, and what there is", () => {
    expect(() => parseBenchmarkSettings({ ROUNDS: "0", ONLY: "sizing,speed" })).toThrow(
      /ROUNDS=0: .*\nONLY=sizing,speed: there is no speed; there are overhead, engines, /,
    );
  });
});
