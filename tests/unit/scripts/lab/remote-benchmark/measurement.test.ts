import { LambdaClient } from "@aws-sdk/client-lambda";
import fc from "fast-check";
import {
  BudgetReached,
  callsOf,
  sum,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import {
  judge,
  measure,
  type Sample,
} from "../../../../../scripts/lab/remote-benchmark/measurement.ts";
import type { EmulatedFunction } from "../../../../helpers/emulators/aws-emulator.ts";
import {
  type InvocationFault,
  LambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import { stackConfig } from "../../../../helpers/stack-config.ts";

const functionName = "bitnet-lambda-bench-function";

/** 4 setups, 8 versions, 16 warm and 8 cold calls. */
const smallPlan = {
  QUICK: "1",
  MEMORY_SIZES: "1769,3008",
  TOKENS: "10,50",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "1",
} as const;

/** Two versions of a cold and a warm call each. */
const tinyPlan = {
  ...smallPlan,
  MEMORY_SIZES: "1769",
  ENGINES: "llama-cli",
  TOKENS: "10",
  COLD_SAMPLES: "2",
} as const;

let functions: Map<string, EmulatedFunction>;
let emulator: LambdaEmulator;
let client: LambdaClient;
beforeEach(async () => {
  functions = new Map();
  emulator = new LambdaEmulator({ functions });
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  client = new LambdaClient({
    region: "us-east-1",
    endpoint: await emulator.start(),
    credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await emulator.stop();
});

/** Measures with a deployment that takes no time. */
async function measured(
  variables: Readonly<Record<string, string>> = tinyPlan,
  deployed: Partial<EmulatedFunction> = {},
  interruption = new AbortController(),
) {
  const samples: Sample[] = [];
  const pausesMs: number[] = [];
  const lines: string[] = [];
  const failure = await measure({
    settings: parseBenchmarkSettings(variables),
    config: stackConfig(),
    client,
    invoker: client,
    functionName,
    signal: interruption.signal,
    samples,
    async deploy({ memoryMiB, engine }) {
      const environment = { variables: { BITNET_ENGINE: engine } };
      const made = { imageUri: "images@sha256:ab", memory_size: memoryMiB, environment };
      functions.set(functionName, { ...made, ...deployed });
    },
    pause: async (ms) => pausesMs.push(ms),
    writeLine: (line) => lines.push(line),
  }).catch((error: Error) => error);
  const outcomes = samples.map(({ start, error = "good" }) => `${start}: ${error}`);
  return { failure, samples, outcomes, pausesMs, lines };
}

const refusal = (status: number, code: string) => ({ kind: "refusal", status, code }) as const;

/** Makes calls fail by their number. */
function failCalls(faults: Readonly<Record<number, InvocationFault>>): void {
  emulator.faults.invocation = (number) => faults[number];
}

describe("a measurement", () => {
  it("calls a version for each cold start, the largest memory first, one call at a time", async () => {
    const { failure } = await measured(smallPlan);

    expect(failure).toBeUndefined();
    expect(emulator.mostAtOnce).toBe(1);
    const called = emulator.invocations.map(
      ({ memoryMiB, variables, event, version, isCold }) =>
        `${memoryMiB} ${variables.BITNET_ENGINE} ${event.n_predict} ${version}${isCold ? " cold" : ""}`,
    );
    const setups = ["3008 llama-cli", "3008 llama-server", "1769 llama-cli", "1769 llama-server"];
    const versions = setups.flatMap((setup) => [`${setup} 10`, `${setup} 50`]);
    expect(called).toEqual(
      versions.flatMap((version, at) => [
        `${version} ${8 + at} cold`,
        `${version} ${8 + at}`,
        `${version} ${8 + at}`,
      ]),
    );
    const [first] = emulator.invocations;
    expect(first?.event).toEqual({ prompt: expect.any(String), n_predict: 10, temperature: 0 });
  });

  it("spreads warm calls over all versions", () => {
    const count = fc.integer({ min: 1, max: 30 });

    fc.assert(
      fc.property(count, count, (WARM_SAMPLES, COLD_SAMPLES) => {
        const settings = { ...parseBenchmarkSettings(tinyPlan), WARM_SAMPLES, COLD_SAMPLES };
        const starts = callsOf(settings).map(({ start }) => start);
        const [before, ...versions] = starts.join("").split("cold");
        const sizes = versions.map((warm) => warm.length / "warm".length);

        expect([before, versions.length]).toEqual(["", COLD_SAMPLES]);
        expect(sum(sizes)).toBe(WARM_SAMPLES);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("takes Lambda's figures from its report and the engine's from the answer", async () => {
    const { samples, lines } = await measured();

    // 500 ms, 10 tokens at 8.845 a second, and one or two milliseconds.
    expect(samples.slice(0, 2)).toMatchObject([
      { start: "cold", version: "8", report: { initMs: 700.5, memoryUsedMiB: 1200 } },
      {
        memoryMiB: 1769,
        engine: "llama-cli",
        start: "warm",
        tokensAsked: 10,
        version: "8",
        report: {
          durationMs: expect.closeTo(1632.58, 2),
          billedMs: 1633,
          memoryUsedMiB: 1200,
          initMs: undefined,
        },
        answer: {
          model: "made-up",
          tokens_predicted: 10,
          timings: { first_token_ms: 300, predicted_per_second: 8.845 },
        },
        costUsd: expect.closeTo(1.633 * (1769 / 1024) * 0.0000166667 + 2e-7, 10),
      },
    ]);
    expect(lines[0]).toMatch(
      /^\[1\/4\] 1769 MB llama-cli cold 10 tokens: 2333 ms billed, 701 ms to start, 10 tokens, 8.8\/s; 0.0001 USD so far$/,
    );
  });

  it("counts restores of SnapStart as cold starts", async () => {
    const { samples } = await measured(tinyPlan, {
      snap_start: { apply_on: "PublishedVersions" },
    });

    expect(samples[0]?.error).toBeUndefined();
    expect(samples[0]?.report).toMatchObject({ initMs: undefined, restoreMs: 400.25 });
  });

  it("waits for updates and versions in progress", async () => {
    Object.assign(emulator.faults, { updateReads: 1, pendingReads: 1 });

    const { failure } = await measured({ ...tinyPlan, COLD_SAMPLES: "1" });

    expect(failure).toBeUndefined();
    expect(emulator.actions.filter((action) => action === "GetFunction")).toHaveLength(2);
  });

  it("ends when a version fails, with AWS's reason", async () => {
    emulator.faults.versionFailure = "the image is gone";

    const { failure } = await measured();

    expect(failure?.message).toMatch(
      /^publishing a version of bitnet-lambda-bench-function: [\s\S]*the image is gone/,
    );
  });

  it("ends at Ctrl-C, with the call in progress as a sample", async () => {
    const interruption = new AbortController();
    emulator.faults.invocation = (number) => {
      if (number === 2) interruption.abort(new Error("Ctrl-C"));
      return undefined;
    };

    const { failure, outcomes } = await measured(tinyPlan, {}, interruption);

    expect(failure?.message).toBe("Ctrl-C");
    expect(outcomes).toEqual(["cold: good", "warm: interrupted"]);
  });
});

describe("calls that fail", () => {
  it.each<[call: number, error: string, fault: InvocationFault]>([
    [2, "function error", { kind: "function-error", errorType: "Error" }],
    [2, "time limit", { kind: "function-error", errorType: "Sandbox.Timedout" }],
    [2, "time limit", { kind: "body", change: { finish_reason: "deadline" } }],
    [2, "status 503", { kind: "status", statusCode: 503 }],
    [2, "bad answer", { kind: "body", change: { tokens_predicted: "many" } }],
    [2, "service error", refusal(500, "ServiceException")],
    [2, "service error", refusal(409, "SnapStartNotReadyException")],
    [2, "service error", refusal(502, "SomethingNew")],
    [2, "no answer", { kind: "hang-up" }],
    [2, "no report", { kind: "no-report" }],
    [2, "not warm", { kind: "start", isCold: true }],
    [2, "not warm", { kind: "body", change: { cold_start: true } }],
    [3, "not cold", { kind: "body", change: { cold_start: false } }],
  ])("as number %i with %s do not count, and do not end the run", async (call, error, fault) => {
    failCalls({ [call]: fault });

    const { failure, samples } = await measured();

    expect(failure).toBeUndefined();
    const expected: (string | undefined)[] = new Array(4).fill(undefined);
    expected[call - 1] = error;
    expect(samples.map((sample) => sample.error)).toEqual(expected);
  });

  it.each(["oops", '{"status":"fine"}', '{"statusCode":200,"body":"oops"}'])(
    "are those with the answer %s",
    (payload) => {
      const answer = { payload, functionError: undefined, report: undefined };

      expect(judge(answer, { start: "warm" })).toEqual({ error: "bad answer" });
    },
  );

  it("are made again after a pause when Lambda throttled them", async () => {
    failCalls({
      1: refusal(429, "TooManyRequestsException"),
      2: refusal(502, "EC2ThrottledException"),
    });

    const { outcomes, samples, pausesMs } = await measured();

    const expected = ["cold: throttled", "cold: throttled", "cold: good", "warm: good"];
    expect(outcomes.slice(0, 4)).toEqual(expected);
    expect(samples.slice(0, 3)).toMatchObject([
      { costUsd: 0, version: "8" },
      { costUsd: 0, version: "8" },
      { version: "8" },
    ]);
    expect(pausesMs).toEqual([2000, 4000]);
  });

  it("three times in a row end their setup, not the others", async () => {
    emulator.faults.invocation = (_, { variables }) =>
      variables.BITNET_ENGINE === "llama-server" ? { kind: "status", statusCode: 503 } : undefined;

    const { failure, samples, lines } = await measured({
      ...tinyPlan,
      ENGINES: "llama-server,llama-cli",
      WARM_SAMPLES: "20",
    });

    expect(failure).toBeUndefined();
    expect(lines).toContain("1769 MB llama-server is given up after repeated failures");
    expect(samples.filter(({ engine }) => engine === "llama-server")).toHaveLength(3);
    expect(samples).toHaveLength(3 + 22);
  });

  it("for lack of permission end the run", async () => {
    failCalls({ 2: refusal(403, "AccessDeniedException") });

    const { failure } = await measured();

    expect(failure?.message).toMatch(
      /^invoking bitnet-lambda-bench-function:8: AWS's words\n {2}ask /,
    );
    expect(emulator.invocations).toHaveLength(2);
  });
});

describe("the budget", () => {
  // One call may take 310 s × 3008 MB: 0.01518 USD.
  it.each<[string, InvocationFault | undefined, number]>([
    ["stops before a call that could exceed it", undefined, 7],
    ["assumes the most of a call that Lambda does not report", { kind: "hang-up" }, 1],
  ])("%s", async (_, fault, calls) => {
    if (fault) failCalls({ 1: fault });

    const { failure, samples } = await measured({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(failure).toBeInstanceOf(BudgetReached);
    expect(samples).toHaveLength(calls);
    const spentUsd = sum(samples.map(({ costUsd }) => costUsd));
    expect(spentUsd).toBeLessThan(0.016);
    expect(spentUsd + 0.0151784).toBeGreaterThan(0.016);
  });
});
