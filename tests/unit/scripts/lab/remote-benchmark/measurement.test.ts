import type { LambdaClient } from "@aws-sdk/client-lambda";
import {
  type Setup,
  setupName,
} from "../../../../../scripts/lab/remote-benchmark/benchmark-plan.ts";
import { parseBenchmarkSettings } from "../../../../../scripts/lab/remote-benchmark/benchmark-settings.ts";
import { spendingOf } from "../../../../../scripts/lab/remote-benchmark/cost-estimate.ts";
import { Measurement } from "../../../../../scripts/lab/remote-benchmark/measurement.ts";
import type { EmulatedFunction } from "../../../../helpers/emulators/aws-emulator.ts";
import type { InvocationFault } from "../../../../helpers/emulators/emulated-invocation.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import { emulatorClient, functionName, smallPlan, tinyPlan } from "./emulated-benchmark.ts";

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

interface Options {
  readonly deployed?: Partial<EmulatedFunction>;
  readonly interruption?: AbortController;
}

/** Measures with a deployment that takes no time. */
async function measure(
  variables: Readonly<Record<string, string>> = tinyPlan,
  { deployed = {}, interruption = new AbortController() }: Options = {},
) {
  const pausesMs: number[] = [];
  const config = { architecture: "x86_64", timeoutSeconds: 300 } as const;
  const measurement = new Measurement({
    settings: parseBenchmarkSettings(variables),
    config,
    client,
    invoker: client,
    functionName,
    signal: interruption.signal,
    async deploy(setup) {
      functions.set(functionName, { ...deployedFunction(setup), ...deployed });
    },
    pause: async (ms) => void pausesMs.push(ms),
    onSample: () => undefined,
    onGivenUp: () => undefined,
  });
  const { ending, error } = await measurement.run().then(
    (value) => ({ ending: value, error: "" }),
    (reason: Error) => ({ ending: undefined, error: reason.message }),
  );
  const { samples, givenUp } = measurement;
  const outcomes = samples.map((sample) => `${sample.start} ${sample.error ?? "good"}`);
  const spending = spendingOf(samples, config);
  return { ending, error, samples, outcomes, givenUp, pausesMs, spending };
}

/** The function as Terraform would make it for a setup. */
function deployedFunction({ memoryMiB, engine }: Setup): EmulatedFunction {
  return {
    imageUri: "images@sha256:ab",
    memory_size: memoryMiB,
    environment: { variables: { BITNET_ENGINE: engine } },
  };
}

const refusal = (status: number, code: string, message: string): InvocationFault => ({
  kind: "refusal",
  failure: { status, code, message },
});

const timedOut: InvocationFault = {
  kind: "function-error",
  errorType: "Sandbox.Timedout",
  message: "RequestId: x Error: Task timed out after 300.00 seconds",
};

/** Makes calls fail by their number. */
function failCalls(faults: Readonly<Record<number, InvocationFault>>): void {
  emulator.faults.invocation = (number) => faults[number];
}

describe("a measurement", () => {
  it("calls a version for each cold start, the largest memory first, one call at a time", async () => {
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
    const coldCalls = emulator.invocations.filter(({ isCold }) => isCold);
    expect(coldCalls).toHaveLength(8);
    expect(new Set(coldCalls.map(({ version }) => version)).size).toBe(8);
    const events = emulator.invocations.map(({ event }) => event);
    expect(events[0]).toEqual({ prompt: expect.any(String), n_predict: 10, temperature: 0 });
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(2);
    expect(new Set(events.map(({ n_predict }) => n_predict))).toEqual(new Set([10, 50]));
  });

  it.each(["JSON", "Text"] as const)("reads reports in Lambda's %s format", async (logFormat) => {
    emulator.faults.logFormat = logFormat;

    const { samples } = await measure();

    const cold = { initMs: 700.5, restoreMs: undefined, memoryUsedMiB: 1200 };
    const warm = { ...cold, initMs: undefined };
    const answer = { tokens_predicted: 10 };
    expect(samples).toMatchObject([
      { start: "cold", call: 1, version: "8", report: cold, answer },
      { start: "warm", call: 2, version: "8", report: warm, answer },
      { start: "cold", call: 1, version: "9", report: cold, answer },
      { start: "warm", call: 2, version: "9", report: warm, answer },
    ]);
  });

  it("counts restores of SnapStart as cold starts", async () => {
    const deployed = { snap_start: { apply_on: "PublishedVersions" } };

    const { samples } = await measure(tinyPlan, { deployed });

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

    const { ending, outcomes } = await measure(tinyPlan, { interruption });

    expect(ending).toBeUndefined();
    expect(outcomes).toEqual(["cold good", "warm interrupted"]);
  });
});

describe("calls that fail", () => {
  it.each<[number, string, InvocationFault]>([
    [2, "function-error", { kind: "function-error", errorType: "Error", message: "broken" }],
    [2, "timeout", timedOut],
    [2, "timeout", { kind: "body", change: { finish_reason: "deadline" } }],
    [2, "status", { kind: "status", statusCode: 503 }],
    [2, "bad-answer", { kind: "body", change: { tokens_predicted: "many" } }],
    [2, "service", refusal(500, "ServiceException", "internal")],
    [2, "no-answer", { kind: "hang-up" }],
    [2, "no-report", { kind: "no-report" }],
    [2, "not-warm", { kind: "start", isCold: true }],
    [1, "not-cold", { kind: "start", isCold: false }],
  ])(
    "as number %i of kind %s do not count, and do not end the run",
    async (number, kind, fault) => {
      failCalls({ [number]: fault });

      const { ending, error, outcomes } = await measure();

      expect({ ending, error }).toEqual({ ending: "whole", error: "" });
      const expected = ["cold good", "warm good", "cold good", "warm good"];
      expected[number - 1] = `${number === 1 ? "cold" : "warm"} ${kind}`;
      expect(outcomes).toEqual(expected);
    },
  );

  it("are made again after a pause when Lambda throttled them", async () => {
    const throttled = refusal(429, "TooManyRequestsException", "Rate Exceeded.");
    failCalls({ 1: throttled, 2: throttled });

    const { outcomes, samples, pausesMs } = await measure();

    const expected = ["cold throttle", "cold throttle", "cold good", "warm good"];
    expect(outcomes.slice(0, 4)).toEqual(expected);
    expect(samples[0]).toMatchObject({ costUsd: 0, version: "8" });
    expect(samples[2]).toMatchObject({ version: "8" });
    expect(pausesMs).toEqual([2000, 4000]);
  });

  it("three times in a row end their setup, not the others", async () => {
    emulator.faults.invocation = (_, { variables }) =>
      variables.BITNET_ENGINE === "llama-server" ? { kind: "status", statusCode: 503 } : undefined;

    const { ending, samples, givenUp } = await measure({
      ...tinyPlan,
      ENGINES: "llama-server,llama-cli",
      WARM_SAMPLES: "20",
    });

    expect(ending).toBe("whole");
    expect(givenUp.map(setupName)).toEqual(["1769 MB llama-server"]);
    const failed = samples.filter(({ engine }) => engine === "llama-server");
    expect(failed.map(({ error }) => error)).toEqual(["status", "status", "status"]);
    expect(samples).toHaveLength(3 + 22);
  });

  it("for lack of permission end the run", async () => {
    failCalls({ 2: refusal(403, "AccessDeniedException", "not authorized") });

    const { error } = await measure();

    expect(error).toMatch(/^invoking bitnet-lambda-bench-function:8: not authorized\n {2}ask /);
    expect(emulator.invocations).toHaveLength(2);
  });
});

describe("the budget", () => {
  // One call may take 310 s × 3008 MB: 0.01518 USD.
  it("stops before a call that could exceed it", async () => {
    const { ending, samples, spending } = await measure({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(samples.length).toBeGreaterThan(3);
    expect(samples.length).toBeLessThan(24);
    expect(spending.spentUsd + 0.0151784).toBeGreaterThan(0.016);
    expect(spending.spentUsd).toBeLessThan(0.016);
  });

  it("assumes the most of a call that Lambda does not report", async () => {
    failCalls({ 1: { kind: "hang-up" } });

    const { ending, spending } = await measure({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(emulator.invocations).toHaveLength(1);
    expect(spending).toMatchObject({ reportedUsd: 0, assumedUsd: expect.closeTo(0.01518, 5) });
  });
});
