import type { CostPoint } from "../../../../../scripts/lab/cost/cost-point.ts";
import {
  givenPoints,
  instanceSeconds,
  measuredPoints,
  publishedPoints,
} from "../../../../../scripts/lab/cost/cost-points.ts";
import { parseCostSettings } from "../../../../../scripts/lab/cost/cost-settings.ts";
import { measuredRequests } from "../../../../../scripts/lab/cost/measured-requests.ts";
import { benchmarkCsv } from "../benchmark-csv.ts";

type Environment = Readonly<Record<string, string>>;
const published = (environment: Environment = {}) =>
  publishedPoints(parseCostSettings(environment));
const given = (environment: Environment) => givenPoints(parseCostSettings(environment));
const measured = (rows: Parameters<typeof benchmarkCsv>[0], environment: Environment = {}) =>
  measuredPoints(
    measuredRequests({ text: benchmarkCsv(rows), path: "a.csv" }).requests,
    parseCostSettings(environment),
  );
const sizesOf = (points: readonly CostPoint[]) => [...new Set(points.map((one) => one.memoryMiB))];

describe("publishedPoints", () => {
  it("are of every size, both architectures and both engines", () => {
    const points = published();

    expect(points).toHaveLength(9 * 2 * 2);
    expect(sizesOf(points)).toEqual([1536, 1769, 2048, 3008, 3538, 5307, 7076, 8845, 10_240]);
  });

  it("read the prompt, and with llama-cli load the model, before they answer", () => {
    const [cli, server] = published({ PROMPT_TOKENS: "43", LOAD_MS: "500" }).filter(
      ({ architecture, memoryMiB }) => architecture === "x86_64" && memoryMiB === 1769,
    );

    // One vCPU of x86_64 reads 43 tokens a second.
    expect(cli).toMatchObject({ engine: "llama-cli", secondsBefore: 1.5, tokensPerSecond: 14.8 });
    expect(server).toMatchObject({ engine: "llama-server", secondsBefore: 1 });
    expect(cli).toMatchObject({ coldSeconds: 10, restoredSeconds: 0 });
  });

  it("take one architecture, another size and other starts when told to", () => {
    const points = published({ ARCH: "arm64", MEMORY: "2500", COLD_MS: "3000", RESTORE_MS: "400" });

    expect(points.every(({ architecture }) => architecture === "arm64")).toBe(true);
    expect(sizesOf(points)).toContain(2500);
    expect(points[0]).toMatchObject({ coldSeconds: 3, restoredSeconds: 0.4 });
  });
});

describe("givenPoints", () => {
  const pair = { TOKENS_PER_SECOND: "20", MEMORY: "3538" };

  it("are of the measured size alone, with prompts as much faster as published", () => {
    const [cli, server] = given({ ...pair, PROMPT_TOKENS: "100" });

    expect(given(pair)).toHaveLength(2);
    expect(cli).toMatchObject({ architecture: "x86_64", memoryMiB: 3538, tokensPerSecond: 20 });
    // Two vCPUs: 81 tokens a second of the prompt to 25.9 of the answer.
    expect(server?.secondsBefore).toBeCloseTo(100 / ((20 * 81) / 25.9), 10);
  });

  it("read prompts at the speed that is given", () => {
    const [, server] = given({ ...pair, PROMPT_TOKENS_PER_SECOND: "50", PROMPT_TOKENS: "100" });

    expect(server?.secondsBefore).toBeCloseTo(2, 10);
  });

  it("go to the other sizes, along the published speeds, only when asked", () => {
    const points = given({ ...pair, SCALE: "1", ARCH: "arm64" });
    const [four] = points.filter(({ memoryMiB }) => memoryMiB === 7076);

    expect(sizesOf(points)).toHaveLength(9);
    // Two vCPUs to four on arm64: 10.3 to 19.6.
    expect(four?.tokensPerSecond).toBeCloseTo((20 * 19.6) / 10.3, 10);
  });
});

describe("measuredPoints", () => {
  it("take medians, and what a request took beside its tokens", () => {
    const points = measured([
      { tokens_made: "100", billed_ms: "6000", tokens_per_second: "20" },
      { tokens_made: "10", billed_ms: "1600", tokens_per_second: "20" },
      { tokens_made: "50", billed_ms: "4000", tokens_per_second: "25" },
    ]);

    // 6 − 100/20 = 1; 1.6 − 10/20 = 1.1; 4 − 50/25 = 2
    expect(points).toHaveLength(1);
    expect(points[0]).toMatchObject({ tokensPerSecond: 20, coldSeconds: 10, restoredSeconds: 0 });
    expect(points[0]?.secondsBefore).toBeCloseTo(1.1, 10);
    expect(points[0]?.spread).toMatchObject({ count: 3, median: 20 });
  });

  it("take from cold starts what they added to warm requests of as many tokens", () => {
    const rows = [
      {},
      { start: "cold", tokens_made: "10", billed_ms: "5500" },
      { start: "cold", tokens_made: "10", billed_ms: "2000", restore_ms: "900" },
    ];
    const [point] = measured(rows);

    // A warm request of 10 tokens takes 1 + 10/20 = 1.5 s.
    expect(point).toMatchObject({ measuredStarts: ["cold", "restored"] });
    expect(point?.coldSeconds).toBeCloseTo(4, 10);
    expect(point?.restoredSeconds).toBeCloseTo(0.5, 10);
  });

  it("take what is given instead of what was measured of starts", () => {
    const rows = [{}, { start: "cold", billed_ms: "9000" }];
    const [point] = measured(rows, { COLD_MS: "1000" });

    expect(point).toMatchObject({ coldSeconds: 1, measuredStarts: [] });
  });

  it("are apart by architecture, engine and size, in this order", () => {
    const points = measured([
      { memory_mb: "10240" },
      { memory_mb: "1769" },
      { engine: "llama-server" },
      { architecture: "arm64" },
      { architecture: "arm64", memory_mb: "2048", start: "cold" },
    ]);

    expect(
      points.map(({ architecture, engine, memoryMiB }) => [architecture, engine, memoryMiB]),
    ).toEqual([
      ["x86_64", "llama-cli", 1769],
      ["x86_64", "llama-cli", 10_240],
      ["x86_64", "llama-server", 3008],
      ["arm64", "llama-cli", 3008],
    ]);
    expect(measured([{}, { architecture: "arm64" }], { ARCH: "arm64" })).toHaveLength(1);
  });
});

describe("instanceSeconds", () => {
  it("are those of the resident engine with as many vCPUs", () => {
    const points = published();

    // 100 tokens of each kind at 81 and 25.9 a second.
    expect(instanceSeconds("x86_64", points, 100)).toBeCloseTo(100 / 81 + 100 / 25.9, 6);
    expect(instanceSeconds("arm64", points, 100)).toBeCloseTo(100 / 26 + 100 / 10.3, 6);
  });

  it("are taken along the published speeds from the nearest size there is", () => {
    const points = given({ TOKENS_PER_SECOND: "14.8", MEMORY: "1769" });

    // The published speed of one vCPU, so the published speed of two.
    expect(instanceSeconds("x86_64", points, 100)).toBeCloseTo(100 / 81 + 100 / 25.9, 6);
    expect(instanceSeconds("arm64", points, 100)).toBeUndefined();
  });
});
