import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import {
  estimateCost,
  estimateText,
  worstCaseUsd,
} from "../../../../../scripts/lab/remote-benchmark/cost-estimate.ts";

const settings = parseBenchmarkSettings({
  MEMORY_SIZES: "2048,3538",
  ENGINES: "llama-cli",
  TOKENS: "10,50",
  WARM_SAMPLES: "20",
  COLD_SAMPLES: "5",
});
const facts = { architecture: "x86_64", timeoutSeconds: 300 } as const;

describe("estimateCost", () => {
  it("counts every call: expected at the assumed speed, at most with the whole time limit", () => {
    const [, estimate] = estimateCost(settings, facts);

    // 2,048 MB: 1.16 vCPU, 11.6 tokens/s. Warm 1.5 s + tokens, cold 12 s more; 10 and 50 tokens.
    const decodeSeconds = 60 / (10 * (2048 / 1769));
    const seconds = 20 * (3 + decodeSeconds) + 5 * (27 + decodeSeconds);
    expect(estimate).toMatchObject({ memoryMiB: 2048 });
    expect(estimate?.expected.calls).toBe(2 * (20 + 5));
    expect(estimate?.expected.gbSeconds).toBeCloseTo(2 * seconds, 1);
    expect(estimate?.expected.usd).toBeCloseTo(2 * seconds * 0.0000166667 + 50 * 2e-7, 7);
    expect(estimate?.most.calls).toBe(2 * (20 + 5));
    expect(estimate?.most.gbSeconds).toBeCloseTo(50 * 2 * 310, 6);
    expect(estimate?.most.usd).toBeCloseTo(50 * (620 * 0.0000166667 + 2e-7), 8);
  });

  it("is a fifth less on arm64", () => {
    const usd = (architecture: "x86_64" | "arm64") =>
      estimateCost(settings, { ...facts, architecture })[0]?.most.usd ?? 0;

    expect(usd("arm64") / usd("x86_64")).toBeCloseTo(0.8, 3);
  });
});

describe("worstCaseUsd", () => {
  it("is the function's time limit and ten seconds to start", () => {
    expect(worstCaseUsd({ ...facts, timeoutSeconds: 60 }, 1024)).toBeCloseTo(
      70 * 0.0000166667 + 2e-7,
      10,
    );
  });
});

describe("estimateText", () => {
  it("says what it assumes", () => {
    const text = estimateText(settings, facts);

    expect(text).toContain("10 tokens a second for each vCPU");
    expect(text).toContain("Expected (assumed, not measured): 10 tokens");
    expect(text).toMatch(/^3538 MB +50 /m);
    expect(text).toMatch(/^together +100 /m);
    expect(text).not.toContain("MORE THAN THE BUDGET");
  });
});
