import type { CostPoint } from "../../../../../scripts/lab/cost/cost-point.ts";
import {
  cheaperFrom,
  dailyCost,
  requestsFor,
  usdOfDay,
} from "../../../../../scripts/lab/cost/daily-cost.ts";

// 4,096 MB are 4 GB: a second is 4 × 0.0000166667 = 0.0000666668 USD.
const point: CostPoint = {
  architecture: "x86_64",
  memoryMiB: 4096,
  engine: "llama-cli",
  tokensPerSecond: 20,
  secondsBefore: 1,
  coldSeconds: 10,
  restoredSeconds: 2,
};
const traffic = { answerTokens: 100, coldShare: 0.1, environments: 2 };

describe("dailyCost", () => {
  it("on demand is seconds, a share of a cold start, and the request", () => {
    const { fixedUsd, usdPerRequest } = dailyCost("on demand", point, traffic);

    // 1 + 100 / 20 + 0.1 × 10 = 7 s.
    expect(usdPerRequest).toBeCloseTo(7 * 0.0000666668 + 0.0000002, 10);
    expect(fixedUsd).toBe(0);
  });

  it("with SnapStart is a snapshot all day, and restores instead of cold starts", () => {
    const { fixedUsd, usdPerRequest } = dailyCost("SnapStart", point, traffic);

    // 6 s, and a tenth of: 4 GB × 0.0001397998 + 2 s.
    expect(usdPerRequest).toBeCloseTo(
      6 * 0.0000666668 + 0.0000002 + 0.1 * (4 * 0.0001397998 + 2 * 0.0000666668),
      10,
    );
    // 4 GB × 0.0000015046 × 86,400 s
    expect(fixedUsd).toBeCloseTo(0.51999, 5);
  });

  it("provisioned is waiting all day, running for less, and on demand beyond what they can", () => {
    const cost = dailyCost("provisioned", point, traffic);

    // 2 × 4 GB × 0.0000041667 × 86,400 s
    expect(cost.fixedUsd).toBeCloseTo(2.88002, 5);
    expect(cost.usdPerRequest).toBeCloseTo(6 * 4 * 0.0000097222 + 0.0000002, 10);
    // 2 × 86,400 s of 6 s each
    expect(cost.capacity).toBeCloseTo(28_800, 6);
    expect(cost.usdPerRequestBeyond).toBe(dailyCost("on demand", point, traffic).usdPerRequest);
  });

  it("on arm64 takes that architecture's prices", () => {
    const { usdPerRequest } = dailyCost("on demand", { ...point, architecture: "arm64" }, traffic);

    expect(usdPerRequest).toBeCloseTo(7 * 4 * 0.0000133334 + 0.0000002, 10);
  });
});

describe("a day's requests", () => {
  const kept = { fixedUsd: 10, usdPerRequest: 1, capacity: 5, usdPerRequestBeyond: 3 };

  it.each([
    [0, 10],
    [5, 15],
    [7, 21],
  ])("%d cost %d USD, and as many are paid for by them", (requests, usd) => {
    expect(usdOfDay(kept, requests)).toBe(usd);
    expect(requestsFor(kept, usd)).toBe(requests);
  });

  it("are none for less than the fixed part", () => {
    expect(requestsFor(kept, 9)).toBe(0);
  });

  it.each([
    ["from where the saving has paid the fixed part", 3, 5],
    ["not beyond the capacity", 2.9, undefined],
    ["never without a saving", 1, undefined],
  ])("are cheaper %s", (_name, usdPerRequest, from) => {
    const plain = { ...kept, fixedUsd: 0, usdPerRequest, capacity: Number.POSITIVE_INFINITY };

    expect(cheaperFrom(kept, plain)).toBe(from);
  });
});
