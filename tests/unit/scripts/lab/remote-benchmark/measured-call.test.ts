import fc from "fast-check";
import { callsOf } from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import type { InvocationFault } from "../../../../helpers/emulators/lambda-emulator.ts";
import { benchmarkCloud, measured, run, tinyPlan } from "./run-benchmark.ts";

jest.setTimeout(60_000);

const cloud = benchmarkCloud();
const refusal = (status: number, code: string) => ({ kind: "refusal", status, code }) as const;

describe("a call", () => {
  it("has Lambda's figures from its report and the engine's from the answer", async () => {
    const { samples, output } = await measured();

    // 500 ms, 10 tokens at 8.845 a second, and one or two milliseconds.
    expect(samples.slice(0, 2)).toMatchObject([
      { start: "cold", version: "8", report: { initMs: 700.5, memoryUsedMiB: 1200 } },
      {
        ...{ memoryMiB: 1769, engine: "llama-cli", start: "warm", tokensAsked: 10, version: "8" },
        report: { durationMs: expect.closeTo(1632.58, 2), billedMs: 1633, memoryUsedMiB: 1200 },
        answer: {
          model: "made-up",
          tokens_predicted: 10,
          timings: { first_token_ms: 300, predicted_per_second: 8.845 },
        },
        costUsd: expect.closeTo(1.633 * (1769 / 1024) * 0.0000166667 + 2e-7, 10),
      },
    ]);
    expect(samples[1]?.report).not.toHaveProperty("initMs");
    expect(output).toContain(
      "[1/4] 1769 MB llama-cli cold 10 tokens: 2333 ms billed, 701 ms to start, 10 tokens, 8.8/s; 0.0001 USD so far",
    );
  });

  it("is cold when SnapStart restores it, and waits for updates and versions in progress", async () => {
    Object.assign(cloud.lambda.faults, { updateReads: 1, pendingReads: 1 });

    const { samples } = await measured({ LAMBDA_SNAPSTART: "1", COLD_SAMPLES: "1" });

    expect(samples[0]).toMatchObject({ start: "cold", report: { restoreMs: 400.25 } });
    expect(samples[0]).not.toHaveProperty("error");
  });

  it("that fails does not count, and does not end the run; a throttled one is made again", async () => {
    // Calls 1 and 14 are the first ones of a version.
    const faults: Readonly<Record<number, [error: string, fault: InvocationFault]>> = {
      1: ["throttled", refusal(429, "TooManyRequestsException")],
      3: ["function error", { kind: "function-error", errorType: "Error" }],
      4: ["time limit", { kind: "function-error", errorType: "Sandbox.Timedout" }],
      6: ["time limit", { kind: "body", change: { finish_reason: "deadline" } }],
      7: ["status 503", { kind: "status", statusCode: 503 }],
      9: ["bad answer", { kind: "body", change: { tokens_predicted: "many" } }],
      10: ["service error", refusal(500, "ServiceException")],
      12: ["service error", refusal(409, "SnapStartNotReadyException")],
      13: ["not cold", { kind: "body", change: { cold_start: false } }],
      14: ["service error", refusal(502, "SomethingNew")],
      15: ["throttled", refusal(502, "EC2ThrottledException")],
      17: ["no answer", { kind: "hang-up" }],
      18: ["no report", { kind: "no-report" }],
      20: ["not warm", { kind: "start", isCold: true }],
      21: ["not warm", { kind: "body", change: { cold_start: true } }],
    };
    cloud.lambda.faults.invocation = (number) => faults[number]?.[1];

    const { ending, samples } = await measured({ WARM_SAMPLES: "20" });

    expect(ending).toBe("whole");
    expect(samples).toHaveLength(24);
    const errors = samples.flatMap(({ error }, at) => (error ? [[at + 1, error]] : []));
    expect(errors).toEqual(Object.entries(faults).map(([call, [error]]) => [Number(call), error]));
    expect(samples.slice(0, 2)).toMatchObject([
      { start: "cold", version: "8", costUsd: 0 },
      { start: "cold", version: "8", costUsd: expect.closeTo(0.00007, 5) },
    ]);
  });

  it("three of which fail in a row ends its setup, not the others", async () => {
    cloud.lambda.faults.invocation = (_, { variables }) =>
      variables.BITNET_ENGINE === "llama-server" ? { kind: "status", statusCode: 503 } : undefined;

    const { ending, samples, output } = await measured({ ENGINES: "llama-server,llama-cli" });

    expect(ending).toBe("whole");
    expect(output).toContain("1769 MB llama-server is given up after repeated failures");
    expect(samples.map(({ engine }) => engine)).toEqual([
      ...new Array(3).fill("llama-server"),
      ...new Array(4).fill("llama-cli"),
    ]);
  });

  it("without permission, or a version that fails, ends the run with AWS's reason", async () => {
    cloud.lambda.faults.invocation = (number) =>
      number === 2 ? refusal(403, "AccessDeniedException") : undefined;
    const refused = await run();
    const calls = cloud.lambda.invocations.length;
    cloud.lambda.faults.versionFailure = "the image is gone";
    const failed = await run();

    expect(refused.ending).toMatch(
      /^invoking bitnet-lambda-bench-function:8: AWS's words\n {2}ask /,
    );
    expect(calls).toBe(2);
    expect(failed.ending).toMatch(
      /^publishing a version of bitnet-lambda-bench-function: [\s\S]*the image is gone/,
    );
  });

  it("is made warm as often to each version as to the others", () => {
    const count = fc.integer({ min: 1, max: 30 });

    fc.assert(
      fc.property(count, count, (WARM_SAMPLES, COLD_SAMPLES) => {
        const plan = { ...parseBenchmarkSettings(tinyPlan), WARM_SAMPLES, COLD_SAMPLES };
        const starts = callsOf(plan).map(({ start }) => start);
        const [before, ...versions] = starts.join("").split("cold");
        const sizes = versions.map((warm) => warm.length / "warm".length);

        expect([before, versions.length]).toEqual(["", COLD_SAMPLES]);
        expect(sizes.reduce((total, size) => total + size)).toBe(WARM_SAMPLES);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
