import type { LambdaClient } from "@aws-sdk/client-lambda";
import {
  type Setup,
  setupName,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";
import {
  benchmarkReport,
  type Ending,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import { Budget } from "../../../../../scripts/lab/remote-benchmark/budget.ts";
import { Measurement } from "../../../../../scripts/lab/remote-benchmark/measurement.ts";
import type { Sample } from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import type { EmulatedFunction } from "../../../../helpers/emulators/aws-emulator.ts";
import type { InvocationFault } from "../../../../helpers/emulators/emulated-invocation.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import {
  deployedFunction,
  emulatorClient,
  functionName,
  smallPlan,
  throttled,
  tinyPlan,
} from "./emulated-benchmark.ts";

let functions: Map<string, EmulatedFunction>;
let emulator: LambdaEmulator;
let client: LambdaClient;
beforeEach(async () => {
  functions = new Map();
  emulator = await startLambdaEmulator({ functions });
  client = emulatorClient(emulator.url);
});
afterEach(async () => {
  client.destroy();
  await emulator.stop();
});

interface Measured {
  readonly ending: Ending | undefined;
  readonly error: string;
  readonly samples: readonly Sample[];
  readonly givenUp: readonly string[];
  readonly pausesMs: readonly number[];
  readonly budget: Budget;
  readonly report: string;
}

/** Measures with a deployment that takes no time. */
async function measure(
  variables: Readonly<Record<string, string>> = tinyPlan,
  {
    deployed = deployedFunction,
    interruption = new AbortController(),
  }: {
    deployed?: (setup: Setup) => EmulatedFunction;
    interruption?: AbortController;
  } = {},
): Promise<Measured> {
  const settings = parseBenchmarkSettings(variables);
  const samples: Sample[] = [];
  const givenUp: Setup[] = [];
  const pausesMs: number[] = [];
  const budget = new Budget(settings.budgetUsd);
  const config = { architecture: "x86_64", timeoutSeconds: 300 } as const;
  const { ending, error } = await new Measurement({
    settings,
    config,
    client,
    invoker: client,
    functionName,
    budget,
    signal: interruption.signal,
    deploy: async (setup) => void functions.set(functionName, deployed(setup)),
    pause: async (ms) => void pausesMs.push(ms),
    onSample: (sample) => samples.push(sample),
    onGivenUp: (setup) => givenUp.push(setup),
  })
    .run()
    .then(
      (value) => ({ ending: value, error: "" }),
      (reason: Error) => ({ ending: undefined, error: reason.message }),
    );
  const report = benchmarkReport({
    settings,
    config: { ...config, region: "us-east-1", snapStart: false },
    date: "2026-11-25",
    commit: "0123456789",
    imageDigests: new Set(["sha256:ab"]),
    samples,
    givenUp,
    ending: ending ?? "failed",
    budget,
  });
  return { ending, error, samples, givenUp: givenUp.map(setupName), pausesMs, budget, report };
}

/** Makes calls fail by their number. */
function failCalls(faults: Readonly<Record<number, InvocationFault>>): void {
  emulator.faults.invocation = (number) => faults[number];
}

describe("a measurement", () => {
  it("measures each setup cold and warm, the largest memory first, one call at a time", async () => {
    const { ending, error } = await measure(smallPlan);

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    expect(emulator.invocations).toHaveLength(24);
    expect(emulator.mostAtOnce()).toBe(1);
    const setups = emulator.invocations.map(
      ({ memoryMiB, variables }) => `${memoryMiB} ${variables.BITNET_ENGINE}`,
    );
    expect([...new Set(setups)]).toEqual([
      "3008 llama-cli",
      "3008 llama-server",
      "1769 llama-cli",
      "1769 llama-server",
    ]);
  });

  it("publishes a version for each cold call", async () => {
    await measure(smallPlan);

    const coldCalls = emulator.invocations.filter(({ isCold }) => isCold);
    expect(coldCalls).toHaveLength(8);
    expect(new Set(coldCalls.map(({ version }) => version)).size).toBe(8);
  });

  it("sends the same request each time: greedy, without a stop text", async () => {
    await measure({ ...tinyPlan, TOKENS: "10,50" });

    const events = emulator.invocations.map(({ event }) => event);
    expect(new Set(events.map((event) => JSON.stringify({ ...event, n_predict: 0 }))).size).toBe(1);
    expect(events[0]).toEqual({ prompt: expect.any(String), n_predict: 10, temperature: 0 });
    expect(new Set(events.map(({ n_predict }) => n_predict))).toEqual(new Set([10, 50]));
  });

  it.each(["JSON", "Text"] as const)("reads reports in Lambda's %s format", async (logFormat) => {
    emulator.faults.logFormat = logFormat;

    const { samples } = await measure();

    expect(samples.map(({ start, call, version }) => `${start} ${call} ${version}`)).toEqual([
      "cold 1 8",
      "warm 2 8",
      "cold 1 9",
      "warm 2 9",
    ]);
    expect(samples.map(({ report }) => report)).toEqual([
      expect.objectContaining({ initMs: 700.5, restoreMs: undefined }),
      expect.objectContaining({ initMs: undefined, restoreMs: undefined }),
      expect.objectContaining({ initMs: 700.5, memoryUsedMiB: 1200 }),
      expect.objectContaining({ initMs: undefined, memoryUsedMiB: 1200 }),
    ]);
    expect(samples.map(({ answer }) => answer?.tokens_predicted)).toEqual([10, 10, 10, 10]);
  });

  it("counts restores of SnapStart as cold starts", async () => {
    const { samples } = await measure(tinyPlan, {
      deployed: (setup) => ({
        ...deployedFunction(setup),
        snap_start: { apply_on: "PublishedVersions" },
      }),
    });

    expect(samples[0]).toMatchObject({ start: "cold", error: undefined });
    expect(samples[0]?.report).toMatchObject({ initMs: undefined, restoreMs: 400.25 });
  });

  it("waits for updates and versions in progress", async () => {
    Object.assign(emulator.faults, { updateReads: 1, pendingReads: 1 });

    const { ending } = await measure({ ...tinyPlan, COLD_SAMPLES: "1" });

    expect(ending).toBe("whole");
    expect(emulator.actions.filter((action) => action === "GetFunction")).toHaveLength(2);
  });

  it("ends when a version fails, with AWS's reason", async () => {
    emulator.faults.versionFailure = "the image is gone";

    const { error } = await measure();

    expect(error).toContain("publishing a version of bitnet-lambda-bench-function");
    expect(error).toContain("the image is gone");
  });

  it("ends at Ctrl-C, with the call in progress as a sample", async () => {
    const interruption = new AbortController();
    emulator.faults.invocation = (number) => {
      if (number === 2) interruption.abort();
      return undefined;
    };

    const { ending, samples } = await measure(tinyPlan, { interruption });

    expect(ending).toBeUndefined();
    expect(samples.map(({ error }) => error)).toEqual([undefined, "interrupted"]);
  });
});

describe("calls that fail", () => {
  it.each<[string, InvocationFault]>([
    ["function-error", { kind: "function-error", errorType: "Error", message: "broken" }],
    [
      "timeout",
      {
        kind: "function-error",
        errorType: "Sandbox.Timedout",
        message: "RequestId: x Error: Task timed out after 300.00 seconds",
      },
    ],
    ["timeout", { kind: "body", change: { finish_reason: "deadline" } }],
    ["status", { kind: "status", statusCode: 503 }],
    ["bad-answer", { kind: "body", change: { tokens_predicted: "many" } }],
    [
      "service",
      {
        kind: "refusal",
        failure: { status: 500, code: "ServiceException", message: "internal" },
      },
    ],
    ["no-answer", { kind: "hang-up" }],
    ["no-report", { kind: "no-report" }],
    ["not-warm", { kind: "start", isCold: true }],
  ])("of kind %s are counted, and in no median", async (kind, fault) => {
    failCalls({ 2: fault });

    const { ending, error, samples, report } = await measure();

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    expect(samples.map(({ error: reason }) => reason)).toEqual([
      undefined,
      kind,
      undefined,
      undefined,
    ]);
    expect(report).toMatch(
      new RegExp(`^\\| warm \\| 10 \\| 1769 \\| llama-cli \\| \`${kind}\` \\| 1 \\|`, "m"),
    );
    expect(report).toContain("| calls | 4, of which 1 failed or were dropped |");
    expect(report).toMatch(/^\| 10 \| 1769 \| llama-cli \| 1 of 2 \| 10 \|/m);
  });

  it("are dropped when they should have been cold and were not", async () => {
    failCalls({ 1: { kind: "start", isCold: false } });

    const { samples } = await measure();

    expect(samples.map(({ start, error }) => `${start} ${error}`)).toEqual([
      "cold not-cold",
      "warm undefined",
      "cold undefined",
      "warm undefined",
    ]);
  });

  it("are made again after a pause when Lambda throttled them", async () => {
    failCalls({ 1: throttled, 2: throttled });

    const { samples, pausesMs } = await measure();

    expect(samples.slice(0, 4).map(({ start, error }) => `${start} ${error}`)).toEqual([
      "cold throttle",
      "cold throttle",
      "cold undefined",
      "warm undefined",
    ]);
    expect(samples[0]).toMatchObject({ costUsd: 0, version: "8" });
    expect(samples[2]).toMatchObject({ version: "8" });
    expect(pausesMs).toEqual([2000, 4000]);
  });

  it("three times in a row end their setup, not the others", async () => {
    emulator.faults.invocation = (_, { variables }) =>
      variables.BITNET_ENGINE === "llama-server" ? { kind: "status", statusCode: 503 } : undefined;

    const { ending, samples, givenUp, report } = await measure({
      ...tinyPlan,
      ENGINES: "llama-server,llama-cli",
      WARM_SAMPLES: "20",
    });

    expect(ending).toBe("whole");
    expect(givenUp).toEqual(["1769 MB llama-server"]);
    const failed = samples.filter(({ engine }) => engine === "llama-server");
    expect(failed.map(({ error }) => error)).toEqual(["status", "status", "status"]);
    expect(samples).toHaveLength(3 + 22);
    expect(report).toContain("**llama-server with 1769 MB was given up after repeated failures.**");
    expect(report).toContain("| 10 | 1769 | llama-server | 0 of 20 | – |");
  });

  it("for lack of permission end the run", async () => {
    failCalls({
      2: {
        kind: "refusal",
        failure: { status: 403, code: "AccessDeniedException", message: "not authorized" },
      },
    });

    const { error } = await measure();

    expect(error).toMatch(/^invoking bitnet-lambda-bench-function:8: not authorized\n {2}ask /);
    expect(emulator.invocations).toHaveLength(2);
  });
});

describe("the budget", () => {
  // One call may take 310 s × 3008 MB: 0.01518 USD.
  it("stops before a call that could exceed it", async () => {
    const { ending, samples, budget } = await measure({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(samples.length).toBeGreaterThan(3);
    expect(samples.length).toBeLessThan(24);
    expect(budget.spentUsd + 0.0151784).toBeGreaterThan(0.016);
    expect(budget.spentUsd).toBeLessThan(0.016);
  });

  it("assumes the most of a call that Lambda does not report", async () => {
    failCalls({ 1: { kind: "hang-up" } });

    const { ending, report } = await measure({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(emulator.invocations).toHaveLength(1);
    expect(report).toContain(
      "0.0000 USD by Lambda's reports and list prices, and at most 0.0152 for calls without a report; budget 0.016 USD",
    );
  });
});
