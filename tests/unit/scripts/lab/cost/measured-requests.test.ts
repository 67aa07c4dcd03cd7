import { measuredRequests } from "../../../../../scripts/lab/cost/measured-requests.ts";
import { benchmarkCsv } from "../benchmark-csv.ts";

const read = (text: string) => measuredRequests({ text, path: "a.csv" });

describe("measuredRequests", () => {
  it("reads what it needs, in any order of columns and among others", () => {
    const row = {
      start: "cold",
      restore_ms: "812.5",
      billed_ms: "1500",
      tokens_per_second: "20",
    };
    const warm = { start: "warm" };

    expect(read(benchmarkCsv([row, warm], { isReversed: true })).requests[0]).toEqual({
      engine: "llama-cli",
      architecture: "x86_64",
      memoryMiB: 3008,
      isCold: true,
      isRestored: true,
      tokensMade: 100,
      billedMs: 1500,
      tokensPerSecond: 20,
    });
    expect(read(benchmarkCsv([warm])).requests).toHaveLength(1);
  });

  it("leaves out, and counts, requests that failed or made no token", () => {
    const rows = [
      {},
      { error: 'status 503, "killed"', tokens_made: "", billed_ms: "" },
      { tokens_made: "0", tokens_per_second: "" },
    ];
    const { requests, leftOut } = read(benchmarkCsv(rows));

    expect([requests.length, leftOut]).toEqual([1, 2]);
  });

  it("names all columns that are missing", () => {
    expect(() => read("memory_mb,engine,start,tokens_made,billed_ms,restore_ms,error\n")).toThrow(
      "a.csv lacks the columns architecture, tokens_per_second: it has to be a CSV that `make benchmark-remote` wrote",
    );
    expect(() => read("")).toThrow("a.csv lacks the columns architecture, memory_mb, engine");
  });

  it("lists every cell that it cannot read, with its line", () => {
    const rows = [
      { memory_mb: "3 GB", engine: "vllm" },
      { architecture: "mips", start: "maybe", restore_ms: "soon" },
      { tokens_made: "-1", billed_ms: "", tokens_per_second: "0" },
    ];

    expect(() => read(benchmarkCsv(rows))).toThrow(
      [
        "a.csv:",
        'line 2: memory_mb is "3 GB", must be a number of MB',
        'line 2: engine is "vllm", must be llama-cli or llama-server',
        'line 3: architecture is "mips", must be x86_64 or arm64',
        'line 3: start is "maybe", must be cold or warm',
        'line 3: restore_ms is "soon", must be milliseconds, or empty',
        'line 4: tokens_made is "-1", must be a number of tokens',
        'line 4: billed_ms is "", must be a number of milliseconds',
        'line 4: tokens_per_second is "0", must be a number above 0',
      ].join("\n"),
    );
  });

  it("stops listing where nobody would read on", () => {
    const rows = Array.from({ length: 23 }, () => ({ engine: "vllm" }));

    expect(() => read(benchmarkCsv(rows))).toThrow(/and 3 more$/);
  });

  it.each([
    ["a quote that is not closed", 'memory_mb\n"1', "a.csv: line 2: a quote that is not closed"],
    [
      "cold requests alone",
      benchmarkCsv([{ start: "cold" }]),
      "a.csv holds no request that a warm",
    ],
    ["failures alone", benchmarkCsv([{ error: "x" }]), "a.csv holds no request that a warm"],
  ])("does not count with %s", (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
