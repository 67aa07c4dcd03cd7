import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";

const defaults = {
  MEMORY_SIZES: [3008, 1769],
  TOKENS: [10, 50, 100],
  ENGINES: ["llama-cli", "llama-server"],
  WARM_SAMPLES: 20,
  COLD_SAMPLES: 5,
  QUICK: false,
  BUDGET_USD: 5,
  YES: false,
  DRY_RUN: false,
  OUT: "docs",
  RAW: false,
};

describe("parseBenchmarkSettings", () => {
  it.each([
    ["has defaults, and takes an empty variable for none", { PATH: "/bin", TOKENS: "" }, {}],
    [
      "takes fewer samples with QUICK=1",
      { QUICK: "1" },
      { QUICK: true, WARM_SAMPLES: 5, COLD_SAMPLES: 1 },
    ],
    [
      "sorts: the largest memory first, the fewest tokens first",
      { MEMORY_SIZES: "2048, 10240", TOKENS: "64,8", ENGINES: "llama-server" },
      { MEMORY_SIZES: [10240, 2048], TOKENS: [8, 64], ENGINES: ["llama-server"] },
    ],
    [
      "reads numbers and a folder",
      { WARM_SAMPLES: "21", COLD_SAMPLES: "3", BUDGET_USD: "0.25", OUT: "elsewhere" },
      { WARM_SAMPLES: 21, COLD_SAMPLES: 3, BUDGET_USD: 0.25, OUT: "elsewhere" },
    ],
    [
      "reads switches",
      { YES: "1", DRY_RUN: "1", RAW: "1" },
      { YES: true, DRY_RUN: true, RAW: true },
    ],
  ])("%s", (_, variables, changes) => {
    expect(parseBenchmarkSettings(variables)).toEqual({ ...defaults, ...changes });
  });

  it.each([
    ["MEMORY_SIZES=1023", "at least 1024, because the model takes"],
    ["MEMORY_SIZES=3008,10241", "at most 10240"],
    ["MEMORY_SIZES=3008,", "must be a whole number"],
    ["MEMORY_SIZES=3008,3008", "each may be named once"],
    ["TOKENS=2.5", "must be a whole number"],
    ["TOKENS=0", "at least 1"],
    ["TOKENS=4097", "at most 4096"],
    ["ENGINES=llama-cli,llama", "each must be one of llama-cli, llama-server"],
    ["WARM_SAMPLES=19", "at least 20, which the percentiles need; QUICK=1 allows fewer"],
    ["WARM_SAMPLES=1001", "at most 1000"],
    ["COLD_SAMPLES=0", "at least 1"],
    ["QUICK=yes", "must be 1, or not set"],
    ["BUDGET_USD=0", "must be above 0"],
    ["BUDGET_USD=$5", "must be a number"],
    ["FUNCTION=bitnet-lambda-dev-function", "unset it: the benchmark deploys and measures an"],
    ["ENDPOINT=http://127.0.0.1:9000", "unset it: the benchmark deploys and measures an"],
  ])("refuses %s: %s", (setting, problem) => {
    const [name = "", value] = setting.split("=");

    const parse = () => parseBenchmarkSettings({ [name]: value });

    expect(parse).toThrow(`${setting}: ${problem}`);
  });
});
