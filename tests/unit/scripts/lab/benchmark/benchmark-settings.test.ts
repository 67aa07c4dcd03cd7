import { parseBenchmarkSettings } from "../../../../../scripts/lab/benchmark/benchmark-settings.ts";
import { experiments } from "../../../../../scripts/lab/benchmark/experiments.ts";

describe("parseBenchmarkSettings", () => {
  const defaults = {
    rounds: 20,
    only: experiments.map(({ id }) => id),
    outFolder: "docs",
    isRawKept: false,
    f16ModelPath: undefined,
  };

  it.each([
    [{ ROUNDS: "", ONLY: "", OUT: "" }, {}],
    // A part has no report, unless in a folder of its own.
    [{ ONLY: "overhead, sizing" }, { only: ["overhead", "sizing"], outFolder: undefined }],
    [
      { ONLY: "sizing", OUT: "temp" },
      { only: ["sizing"], outFolder: "temp" },
    ],
    [
      { ROUNDS: "5", RAW: "1" },
      { rounds: 5, isRawKept: true },
    ],
    [{ ROUNDS: "1000" }, { rounds: 1000 }],
    [{ F16_MODEL: "package.json" }, { f16ModelPath: "package.json" }],
  ])("reads %j", (environment, changes) => {
    expect(parseBenchmarkSettings(environment)).toEqual({ ...defaults, ...changes });
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
