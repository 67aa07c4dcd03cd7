import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";

describe("parseBenchmarkSettings", () => {
  it("has defaults, and takes an empty variable for none", () => {
    expect(parseBenchmarkSettings({ PATH: "/bin", TOKENS: "" })).toEqual({
      memoryMiB: [3008, 1769],
      tokens: [10, 50, 100],
      engines: ["llama-cli", "llama-server"],
      warmSamples: 20,
      coldSamples: 5,
      isQuick: false,
      budgetUsd: 5,
      isAgreed: false,
      isDryRun: false,
      outputFolder: "docs",
      isRawKept: false,
    });
  });

  it("reads every setting; the largest memory first, the fewest tokens first", () => {
    expect(
      parseBenchmarkSettings({
        MEMORY_SIZES: "2048, 10240",
        TOKENS: "64,8",
        ENGINES: "llama-server",
        WARM_SAMPLES: "40",
        COLD_SAMPLES: "3",
        BUDGET_USD: "0.25",
        YES: "1",
        DRY_RUN: "1",
        OUT: "elsewhere",
        RAW: "1",
      }),
    ).toEqual({
      memoryMiB: [10240, 2048],
      tokens: [8, 64],
      engines: ["llama-server"],
      warmSamples: 40,
      coldSamples: 3,
      isQuick: false,
      budgetUsd: 0.25,
      isAgreed: true,
      isDryRun: true,
      outputFolder: "elsewhere",
      isRawKept: true,
    });
  });

  it("allows few samples with QUICK=1 only", () => {
    expect(parseBenchmarkSettings({ QUICK: "1" })).toMatchObject({
      isQuick: true,
      warmSamples: 5,
      coldSamples: 1,
    });
    expect(parseBenchmarkSettings({ QUICK: "1", WARM_SAMPLES: "2" }).warmSamples).toBe(2);
    expect(() => parseBenchmarkSettings({ WARM_SAMPLES: "19" })).toThrow(
      "WARM_SAMPLES=19: at least 20, which the percentiles need; QUICK=1 allows fewer",
    );
    expect(parseBenchmarkSettings({ WARM_SAMPLES: "20" }).warmSamples).toBe(20);
  });

  it.each([
    [{ MEMORY_SIZES: "1023" }, "MEMORY_SIZES=1023: at least 1024, because the model takes"],
    [{ MEMORY_SIZES: "3008,10241" }, "MEMORY_SIZES=3008,10241: at most 10240"],
    [{ MEMORY_SIZES: "3008," }, "MEMORY_SIZES=3008,: must be a whole number"],
    [{ MEMORY_SIZES: "3008,3008" }, "MEMORY_SIZES=3008,3008: each may be named once"],
    [{ MEMORY_SIZES: "3 GB" }, "MEMORY_SIZES=3 GB: must be a whole number"],
    [{ MEMORY_SIZES: "2048.5" }, "MEMORY_SIZES=2048.5: must be a whole number"],
    [{ TOKENS: "0" }, "TOKENS=0: at least 1"],
    [{ TOKENS: "4097" }, "TOKENS=4097: at most 4096"],
    [{ TOKENS: "-5" }, "TOKENS=-5: at least 1"],
    [
      { ENGINES: "llama-cli,llama" },
      "ENGINES=llama-cli,llama: each must be one of llama-cli, llama-server",
    ],
    [{ WARM_SAMPLES: "many" }, "WARM_SAMPLES=many: must be a whole number"],
    [{ WARM_SAMPLES: "1001" }, "WARM_SAMPLES=1001: at most 1000"],
    [{ COLD_SAMPLES: "0" }, "COLD_SAMPLES=0: at least 1"],
    [{ QUICK: "yes" }, "QUICK=yes: must be 1, or not set"],
    [{ YES: "y" }, "YES=y: must be 1, or not set"],
    [{ DRY_RUN: "0" }, "DRY_RUN=0: must be 1, or not set"],
    [{ BUDGET_USD: "0" }, "BUDGET_USD=0: must be above 0"],
    [{ BUDGET_USD: "$5" }, "BUDGET_USD=$5: must be a number"],
    [{ FUNCTION: "bitnet-lambda-dev-function" }, "unset it: the benchmark deploys and measures an"],
    [{ ENDPOINT: "http://127.0.0.1:9000" }, "unset it: the benchmark deploys and measures an"],
  ])("refuses %j", (environment, message) => {
    expect(() => parseBenchmarkSettings(environment)).toThrow(message);
  });
});
