import { parseBenchmarkSettings } from "../../../../../scripts/lab/benchmark/benchmark-settings.ts";
import { experiments } from "../../../../../scripts/lab/benchmark/experiments.ts";

describe("parseBenchmarkSettings", () => {
  it("runs everything into docs unless told otherwise", () => {
    expect(parseBenchmarkSettings({ ROUNDS: "", ONLY: "", OUT: "" })).toEqual({
      rounds: 20,
      only: experiments.map(({ id }) => id),
      outFolder: "docs",
      isRawKept: false,
      f16ModelPath: undefined,
    });
  });

  it("writes no report of a part, unless to a folder of its own", () => {
    expect(parseBenchmarkSettings({ ONLY: "overhead, sizing" })).toMatchObject({
      only: ["overhead", "sizing"],
      outFolder: undefined,
    });
    expect(parseBenchmarkSettings({ ONLY: "sizing", OUT: "temp" }).outFolder).toBe("temp");
  });

  it("takes 5 to 1000 rounds, and keeps raw samples with RAW=1", () => {
    expect(parseBenchmarkSettings({ ROUNDS: "5", RAW: "1" })).toMatchObject({
      rounds: 5,
      isRawKept: true,
    });
    expect(parseBenchmarkSettings({ ROUNDS: "1000" }).rounds).toBe(1000);
  });

  it("takes a model with an F16 embedding to compare with", () => {
    expect(parseBenchmarkSettings({ F16_MODEL: "package.json" }).f16ModelPath).toBe("package.json");
  });

  it.each([
    [{ ROUNDS: "4" }, "ROUNDS=4: a whole number from 5 to 1000"],
    [{ ROUNDS: "1001" }, "ROUNDS=1001: a whole number from 5 to 1000"],
    [{ ROUNDS: "7.5" }, "ROUNDS=7.5: a whole number from 5 to 1000"],
    [{ ROUNDS: "many" }, "ROUNDS=many: a whole number from 5 to 1000"],
    [{ ONLY: "sizing,speed" }, "ONLY=sizing,speed: must be some of overhead, engines, "],
    [{ F16_MODEL: "missing.gguf" }, "F16_MODEL=missing.gguf: no such file"],
    [{ RAW: "yes" }, "RAW=yes: must be 1, or not set"],
  ])("refuses %j", (environment, message) => {
    expect(() => parseBenchmarkSettings(environment)).toThrow(message);
  });
});
