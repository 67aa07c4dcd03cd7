import { readFileSync } from "node:fs";
import { join } from "node:path";
import { costFiles, costPage, terminalText } from "../../../../../scripts/lab/cost/cost-page.ts";
import { costReport } from "../../../../../scripts/lab/cost/cost-report.ts";
import { parseCostSettings } from "../../../../../scripts/lab/cost/cost-settings.ts";
import {
  breakEven,
  breakEvenTable,
  sizeTable,
  startTable,
  usdPerMillion,
} from "../../../../../scripts/lab/cost/cost-tables.ts";
import { drawnElements, drawnWithClass } from "../../../../helpers/svg-boxes.ts";
import { benchmarkCsv } from "../benchmark-csv.ts";

const root = join(import.meta.dirname, "../../../../..");
const reportOf = (environment: Readonly<Record<string, string>> = {}, csv?: string) =>
  costReport(parseCostSettings(environment), csv);
const bare = { PROMPT_TOKENS: "0", LOAD_MS: "0", COLD_SHARE: "0" };

describe("docs/cost", () => {
  it.each(Object.entries(costFiles(reportOf())))("%s is what `make cost` writes", (name, made) => {
    const kept = readFileSync(join(root, "docs", name), "utf8");

    expect(kept === made ? "up to date" : "stale: run `make cost`").toBe("up to date");
  });
});

describe("a worked example: 3,008 MB, 20 tokens a second", () => {
  const pair = { TOKENS_PER_SECOND: "20", MEMORY: "3008" };

  it.each([
    // 2.9375 GB × 0.0000166667 USD × 100 s of 2,000 tokens, and 0.0000002 USD for the request
    ["x86_64", 2.4479],
    ["arm64", 1.9583],
  ])("decoding alone on %s, in long answers, is %d USD for a million tokens", (ARCH, usd) => {
    const report = reportOf({ ...pair, ...bare, ARCH, ANSWER_TOKENS: "2000" });
    const [point] = report.points;

    if (point === undefined) throw new Error("no point");
    expect(usdPerMillion(point, report.traffic)).toBeCloseTo(usd + 0.0001, 4);
  });

  it("includes the prompt, the load, a share of cold starts and the request", () => {
    const report = reportOf({
      ...pair,
      PROMPT_TOKENS: "200",
      PROMPT_TOKENS_PER_SECOND: "100",
      ANSWER_TOKENS: "50",
      LOAD_MS: "500",
      COLD_SHARE: "0.2",
      COLD_MS: "5000",
    });
    const [cli, server] = report.points.map((point) => usdPerMillion(point, report.traffic));

    // 2 + 2.5 + 0.5 + 0.2 × 5 = 6 s of 0.00004895843 USD, + 0.0000002, for 50 tokens
    expect(cli).toBeCloseTo(5.87901, 4);
    // half a second less
    expect(server).toBeCloseTo(5.38943, 4);
  });

  it("meets an instance where its day is paid for", () => {
    const report = reportOf({ ...pair, ...bare });
    const [point] = report.points;
    if (point === undefined) throw new Error("no point");
    const even = breakEven(point, report.points, report.traffic);

    // 24 × 0.08925 = 2.142 USD; 5 s × 0.00004895843 + 0.0000002 = 0.00024499 USD a request
    expect(even.requestsPerDay).toBeCloseTo(8743.15, 0);
    expect(even.tokensPerDay).toBeCloseTo(100 * even.requestsPerDay, 6);
    expect(even.functionShare).toBeCloseTo((8743.15 * 5) / 86_400, 4);
    // Two vCPUs decode 25.9 where 1.7 decode 22.57.
    expect(even.instanceShare).toBeCloseTo((even.functionShare * 22.5744) / 25.9, 3);
  });
});

describe("an instance that cannot do as much", () => {
  it("is said to be none that costs the same", () => {
    const csv = benchmarkCsv([
      { memory_mb: "1536", tokens_per_second: "50", billed_ms: "2000" },
      { memory_mb: "3538", engine: "llama-server", tokens_per_second: "5", billed_ms: "20000" },
    ]);
    const { compared, points, traffic } = reportOf({ MEASURED: "a.csv", COLD_SHARE: "0" }, csv);
    const shares = breakEvenTable(compared, points, traffic).rows.map((row) => row.at(-1));

    // 2.142 USD pay for 42,669 requests of 2 s with 1.5 GB; the instance takes 20 s for each.
    expect(shares).toEqual(["988 %: more than it can", "43 %"]);
  });
});

describe("what is marked", () => {
  it("is the cheapest and the fastest size of each engine", () => {
    const { points, traffic } = reportOf({ ARCH: "x86_64" });
    const marked = sizeTable(points, traffic)
      .rows.filter((row) => row.at(-1) !== "")
      .map((row) => [row[0], row[2], row.at(-1)]);

    expect(marked).toEqual([
      ["1,536 MB", "llama-cli", "cheapest"],
      ["10,240 MB", "llama-cli", "fastest"],
      ["1,536 MB", "llama-server", "cheapest"],
      ["10,240 MB", "llama-server", "fastest"],
    ]);
  });

  it("may be a size in the middle", () => {
    const csv = benchmarkCsv([
      { memory_mb: "1769", tokens_per_second: "5", billed_ms: "20000" },
      { memory_mb: "3008", tokens_per_second: "20", billed_ms: "5000" },
      { memory_mb: "10240", tokens_per_second: "20", billed_ms: "5000" },
    ]);
    const { points, traffic } = reportOf({ MEASURED: "a.csv" }, csv);

    expect(sizeTable(points, traffic).rows.map((row) => row.at(-1))).toEqual([
      "",
      "cheapest, fastest",
      "",
    ]);
  });

  it("is nothing where there is no choice", () => {
    const { points, traffic } = reportOf({ TOKENS_PER_SECOND: "20", MEMORY: "3008" });

    expect(sizeTable(points, traffic).rows.map((row) => row.at(-1))).toEqual(["", ""]);
  });
});

describe("ways to start", () => {
  it("are priced at the traffic given, with what they cost in any case", () => {
    const { chosen, traffic } = reportOf({ ARCH: "x86_64" });
    const rows = startTable(chosen, traffic, 1000).rows.map((row) => row.slice(0, 3));

    // 2.9375 GB × 0.0000015046 and × 0.0000041667, × 730 × 3600 s
    expect(rows.slice(0, 3)).toEqual([
      ["x86_64, llama-cli", "on demand", "0.00"],
      ["x86_64, llama-cli", "SnapStart", "11.62"],
      ["x86_64, llama-cli", "provisioned", "32.17"],
    ]);
  });
});

describe("the settings", () => {
  const pair = { TOKENS_PER_SECOND: "20", MEMORY: "3008" };
  const csv = benchmarkCsv([{}, { memory_mb: "1769" }, { architecture: "arm64" }]);
  const tables = (environment: Readonly<Record<string, string>>, text?: string) => {
    const report = reportOf(environment, text);
    // Without the sentences, which name the settings whatever these do.
    return terminalText(report)
      .split("\n")
      .filter((line) => !line.startsWith("- "));
  };

  it.each([
    ["ANSWER_TOKENS", {}, { ANSWER_TOKENS: "20" }],
    ["PROMPT_TOKENS", {}, { PROMPT_TOKENS: "20" }],
    ["LOAD_MS", {}, { LOAD_MS: "0" }],
    ["COLD_SHARE", {}, { COLD_SHARE: "0.5" }],
    ["COLD_MS", {}, { COLD_MS: "2000" }],
    ["RESTORE_MS", {}, { RESTORE_MS: "2000" }],
    ["REQUESTS_PER_DAY", {}, { REQUESTS_PER_DAY: "50" }],
    ["PROVISIONED", {}, { PROVISIONED: "3" }],
    ["ARCH", {}, { ARCH: "arm64" }],
    ["MEMORY", {}, { MEMORY: "1769" }],
    ["TOKENS_PER_SECOND", pair, { ...pair, TOKENS_PER_SECOND: "21" }],
    ["PROMPT_TOKENS_PER_SECOND", pair, { ...pair, PROMPT_TOKENS_PER_SECOND: "500" }],
    ["SCALE", pair, { ...pair, SCALE: "1" }],
  ] as const)("%s changes the tables", (_name, before, after) => {
    expect(tables(after)).not.toEqual(tables(before));
  });

  it.each([
    ["ARCH", { ARCH: "arm64" }],
    ["MEMORY", { MEMORY: "1769" }],
    ["COLD_MS", { COLD_MS: "1000" }],
    ["ANSWER_TOKENS", { ANSWER_TOKENS: "10" }],
  ])("%s changes the tables of measured speeds too", (_name, environment) => {
    const file = { MEASURED: "a.csv" };

    expect(tables({ ...file, ...environment }, csv)).not.toEqual(tables(file, csv));
  });

  it.each([
    [{ MEASURED: "a.csv", MEMORY: "2048" }, "MEMORY=2048: not measured; there are 1769, 3008"],
    [
      { MEASURED: "a.csv", ARCH: "arm64", MEMORY: "1769" },
      "MEMORY=1769: not measured; there are 3008",
    ],
  ])("%j is not guessed", (environment, message) => {
    expect(() => reportOf(environment, csv)).toThrow(message);
  });

  it("name an architecture that nobody measured", () => {
    expect(() => reportOf({ MEASURED: "a.csv", ARCH: "arm64" }, benchmarkCsv([{}]))).toThrow(
      "a.csv holds no warm request on arm64",
    );
  });

  it("compare the smallest size where the usual one was not measured", () => {
    const { chosen } = reportOf(
      { MEASURED: "a.csv" },
      benchmarkCsv([{ memory_mb: "5307" }, { memory_mb: "2048" }]),
    );

    expect(chosen.map(({ memoryMiB }) => memoryMiB)).toEqual([2048]);
  });
});

describe("the page", () => {
  it("says that published speeds are nobody's measurement of Lambda, and not so of measured ones", () => {
    const file = reportOf({ MEASURED: "a.csv" }, benchmarkCsv([{}]));
    const warning = "No speed on this page was measured on Lambda";

    expect(costPage(reportOf())).toContain(warning);
    expect(costPage(file)).not.toContain(warning);
    expect(costPage(file)).toContain("medians of 1 requests, 1 or more of them warm");
  });

  it("names the command that makes it", () => {
    const environment = { TOKENS_PER_SECOND: "20", MEMORY: "3008", OUT: "a b" };

    expect(costPage(reportOf(environment))).toContain(
      "Made by `TOKENS_PER_SECOND=20 MEMORY=3008 make cost`",
    );
  });

  it.each([
    [
      "of other sizes",
      { TOKENS_PER_SECOND: "20", MEMORY: "3008", SCALE: "1" },
      "; other sizes along",
    ],
    [
      "of prompts",
      { TOKENS_PER_SECOND: "20", MEMORY: "3008", PROMPT_TOKENS_PER_SECOND: "66" },
      "3,008 MB on x86_64, as given; prompts at 66 tokens a second",
    ],
  ])("says where given speeds come from, those %s too", (_name, environment, sentence) => {
    expect(costPage(reportOf(environment))).toContain(sentence);
  });

  it("says how much of a measurement it left out", () => {
    const csv = benchmarkCsv([{}, { error: "x" }, { error: "y" }]);

    expect(costPage(reportOf({ MEASURED: "a.csv" }, csv))).toContain(
      "left out are 2 with an error or without a token",
    );
  });

  it("has every price with a date and a source", () => {
    const rows = costPage(reportOf())
      .split("\n")
      .filter((line) => line.includes("AWS Price List"));

    expect(rows).toHaveLength(7);
    expect(rows.every((row) => /\| 2026-\d\d-\d\d \| AWS Price List, offer \w+/.test(row))).toBe(
      true,
    );
    expect(rows.find((row) => row.includes("a restore"))).toContain("| 0.0001397998 |");
  });

  it.each([
    ["assumed", [{}], "That adds 10 s (`COLD_MS`, the longest that Lambda lets"],
    ["measured", [{}, { start: "cold", billed_ms: "8500" }], "That adds 2.5 s, as measured;"],
    [
      "measured of some",
      [{}, { start: "cold", billed_ms: "8500" }, { memory_mb: "1769" }],
      "That adds 2.5 s, as measured, and 10 s (`COLD_MS`) where none was;",
    ],
  ])("says of cold starts that they are %s", (_name, rows, sentence) => {
    expect(costPage(reportOf({ MEASURED: "a.csv" }, benchmarkCsv(rows)))).toContain(sentence);
  });
});

describe("the charts", () => {
  const files = costFiles(reportOf());

  it("have a line for each architecture and engine, and marks for the best", () => {
    const svg = files["cost-by-memory.svg"] ?? "";

    expect(drawnWithClass(svg, "end").map(({ text }) => text)).toEqual([
      "x86_64, llama-cli",
      "x86_64, llama-server",
      "arm64, llama-cli",
      "arm64, llama-server",
    ]);
    expect(drawnWithClass(svg, "note").map(({ text }) => text)).toEqual(["cheapest", "fastest"]);
  });

  it("mark the break-even where the function's line crosses the instance's", () => {
    const svg = files["cost-by-traffic.svg"] ?? "";
    const lines = drawnWithClass(svg, "line");
    const [ring] = drawnWithClass(svg, "mark");
    const [note] = drawnWithClass(svg, "note");
    const instance = lines.at(-1)?.box;

    expect(note?.text).toBe("break-even: 628,000 tokens a day");
    expect((ring?.box.top ?? 0) + (ring?.box.height ?? 0) / 2).toBeCloseTo(instance?.top ?? 0, 1);
    expect(lines).toHaveLength(5);
  });

  it.each([
    [{}, "3,008 MB, x86_64"],
    [{ ARCH: "arm64", MEMORY: "2048" }, "2,048 MB, arm64"],
  ])("of traffic is of one architecture: %j", (environment, title) => {
    const svg = costFiles(reportOf(environment))["cost-by-traffic.svg"];

    expect(svg).toContain(`<title>What a day costs, by traffic: ${title}</title>`);
  });

  it("draw the spread of what was measured", () => {
    const csv = benchmarkCsv([{ tokens_per_second: "18" }, {}, { tokens_per_second: "22" }]);
    const svg = costFiles(reportOf({ MEASURED: "a.csv" }, csv))["cost-by-memory.svg"] ?? "";

    expect(drawnWithClass(svg, "whisker")).toHaveLength(1);
    expect(drawnElements(svg).some(({ text }) => text.includes("3,008"))).toBe(true);
  });
});
