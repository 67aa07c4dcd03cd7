import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { deploymentSteps } from "../../../../../scripts/deploy/deployment.ts";
import type { Ending } from "../../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import {
  type RemoteBenchmarkDependencies,
  runRemoteBenchmark,
} from "../../../../../scripts/lab/remote-benchmark/remote-benchmark.ts";
import { settings } from "../../../../../stacks/settings.ts";
import { type CloudWorkspace, openCloudWorkspace } from "../../../../helpers/cloud-workspace.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import { emulatorClient, functionName, smallPlan, tinyPlan } from "./emulated-benchmark.ts";

jest.setTimeout(60_000);

let workspace: CloudWorkspace;
let lambda: LambdaEmulator;
beforeEach(async () => {
  workspace = await openCloudWorkspace();
  lambda = await startLambdaEmulator(workspace.emulator);
});
afterEach(async () => {
  await lambda.stop();
  await workspace.close();
});

interface Run {
  readonly ending: Ending | undefined;
  readonly error: string;
  readonly output: string;
}

/** Runs the benchmark in this process, on fake programs and an emulated account. */
async function run(
  variables: Readonly<Record<string, string>> = tinyPlan,
  changes: Partial<RemoteBenchmarkDependencies> = {},
): Promise<Run> {
  const lines: string[] = [];
  const client = emulatorClient(lambda.url);
  const { ending, error } = await runRemoteBenchmark({
    settings,
    environment: { ...process.env, ...variables },
    createClients: () => ({ invoker: client, control: client }),
    signal: new AbortController().signal,
    pause: (ms, signal) => sleep(ms, undefined, { signal }),
    ask: undefined,
    writeLine: (line) => lines.push(line),
    describeRun: () => ({ date: "2026-11-25", commit: "0123456789" }),
    ...changes,
  }).then(
    (value) => ({ ending: value, error: "" }),
    (reason: Error) => ({ ending: undefined, error: reason.message }),
  );
  client.destroy();
  return { ending, error, output: lines.join("\n") };
}

/** Everything in the account and in Terraform's states. */
function world(): string {
  const { repositories, functions } = workspace.emulator;
  const images = [...repositories].map(([name, tags]) => [name, [...tags.keys()]]);
  return JSON.stringify([images, [...functions]]);
}

const read = (name: string) => (existsSync(name) ? readFileSync(name, "utf8") : "");
const isUntouched = () => workspace.tools.calls.every((call) => !/ (apply|destroy)/.test(call));

describe("make benchmark-remote", () => {
  it("deploys each setup, measures it, and destroys everything; a live function stays", async () => {
    await workspace.run(deploymentSteps(workspace.dependencies()));
    const before = world();

    const { ending, error, output } = await run(smallPlan);

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    expect(world()).toBe(before);
    expect(existsSync(".state/bitnet-lambda-bench")).toBe(true);
    expect(existsSync(".state/bitnet-lambda-bench/us-east-1")).toBe(false);
    const applied = workspace.tools.calls.filter((call) => /bench\S*service apply/.test(call));
    expect(applied).toHaveLength(4);
    expect(output).toContain("[24/24] 1769 MB llama-server warm 50 tokens: ");
    expect(output).toContain(`  ${functionName} is gone`);
    expect(output).toContain("docs/benchmarks-remote.md: written");
    expect(readdirSync("docs")).toEqual(["benchmarks-remote.md"]);
    expect(read("docs/benchmarks-remote.md")).toMatch(/^\| image \| `sha256:[0-9a-f]{64}` \|$/m);
  });

  it("deploys no URL, no alarms' topic and no reserved concurrency", async () => {
    let service = "";
    lambda.faults.beforeAction = async () => {
      service = read(".state/bitnet-lambda-bench/us-east-1/service.tfstate");
      return undefined;
    };

    const { ending, error } = await run({
      ...tinyPlan,
      FUNCTION_URL: "AWS_IAM",
      LAMBDA_CONCURRENCY_LIMIT: "4",
      ALARM_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alarms",
      BITNET_LOG_LEVEL: "error",
    });

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    expect(service).toContain('"BITNET_LOG_LEVEL":"error"');
    expect(service).not.toMatch(/lambda_function_url|reserved_concurrent|:sns:/);
  });

  it("writes nothing of the account into the report", async () => {
    await run({ ...tinyPlan, RAW: "1" });

    const raw = read("docs/benchmarks-remote.raw.jsonl");
    const text = read("docs/benchmarks-remote.md") + raw;
    expect(raw.trim().split("\n")).toHaveLength(4);
    expect(text).toContain("llama-cli");
    expect(text).not.toMatch(/123456789012|arn:/);
  });

  it("stops at the budget, and keeps an earlier whole report", async () => {
    await run();
    const whole = read("docs/benchmarks-remote.md");

    const { ending, output } = await run({ ...smallPlan, BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(output).toContain("stopped: the next call could exceed BUDGET_USD");
    expect(read("docs/benchmarks-remote.md")).toBe(whole);
    const partial = read("docs/benchmarks-remote.partial.md");
    expect(partial).toContain("**It stopped early, before a call that could have exceeded");
    expect(workspace.emulator.functions.size).toBe(0);
  });

  it("replaces an earlier partial report by a whole one", async () => {
    await run({ ...tinyPlan, BUDGET_USD: "0.009" });
    const partial = read("docs/benchmarks-remote.partial.md");

    await run();

    expect(partial).not.toBe("");
    expect(read("docs/benchmarks-remote.partial.md")).toBe("");
    expect(read("docs/benchmarks-remote.md")).not.toBe("");
  });

  it("destroys what a failed deployment has made", async () => {
    workspace.tools.faults.terraform = "fail:plan:service";

    const { error, output } = await run();

    expect(error).toContain("AccessDenied: is not authorized to");
    expect(output).toContain("failed, and the environment is destroyed now: ");
    expect(output).toContain("nothing was written");
    expect(workspace.emulator.repositories.size).toBe(0);
  });

  it("says which command completes a destruction that failed", async () => {
    workspace.tools.faults.terraform = "fail:destroy:service";

    const { error } = await run();

    expect(error).toContain("AccessDenied: is not authorized to");
    expect(error).toContain("IS STILL DEPLOYED: ENV_SUFFIX=bench make destroy");
    expect(read("docs/benchmarks-remote.md")).toContain("# Benchmarks on AWS Lambda");
  });

  it("destroys the environment at Ctrl-C, and writes what it has", async () => {
    const interruption = new AbortController();
    lambda.faults.invocation = (number) => {
      if (number === 2) interruption.abort();
      return undefined;
    };

    const { ending, output } = await run(tinyPlan, { signal: interruption.signal });

    expect(ending).toBe("interrupted");
    expect(output).toContain("a second Ctrl-C leaves that to ENV_SUFFIX=bench make destroy");
    expect(read("docs/benchmarks-remote.partial.md")).toContain("| `interrupted` | 1 |");
    expect(workspace.emulator.functions.size).toBe(0);
    expect(workspace.emulator.repositories.size).toBe(0);
  });
});

describe("before it deploys", () => {
  it("DRY_RUN=1 prints the plan and the price, and asks AWS for nothing", async () => {
    const { ending, error, output } = await run({ ...smallPlan, DRY_RUN: "1", YES: "" });

    expect({ ending, error }).toEqual({ ending: undefined, error: "" });
    expect(workspace.tools.calls).toEqual([]);
    expect(workspace.emulator.actions).toEqual([]);
    expect(existsSync("docs")).toBe(false);
    expect(output).toMatch(/^x86_64 +calls +expected GB-s +USD +at most GB-s +USD$/m);
    expect(output).toMatch(/^together +24 +432 +0\.0072 +17354 +0\.2892$/m);
    expect(output).toContain("2 warm and 1 cold calls, in 8 published versions");
  });

  it("warns of a budget below the expected cost, and of SnapStart's charges", async () => {
    const { output } = await run({
      ...smallPlan,
      BUDGET_USD: "0.1",
      WARM_SAMPLES: "1000",
      DRY_RUN: "1",
      LAMBDA_SNAPSTART: "1",
    });

    expect(output).toContain("EXPECTED IS MORE THAN THE BUDGET");
    expect(output).toMatch(/^NOT INCLUDED: .* SnapStart's charges/m);
  });

  it.each([
    [
      "without a terminal",
      undefined,
      "nobody is there to ask: YES=1 make benchmark-remote. Nothing was deployed, measured or spent.",
    ],
    ["without consent", async () => "y", "Nothing was deployed, measured or spent."],
  ])("ends %s", async (_, ask, expected) => {
    const { error } = await run({ ...tinyPlan, YES: "" }, { ask });

    expect(error).toBe(expected);
    expect(isUntouched()).toBe(true);
  });

  it("asks with the most that it will spend", async () => {
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return " yes\n";
    };

    const { ending } = await run({ ...tinyPlan, YES: "", BUDGET_USD: "2.5" }, { ask });

    expect(ending).toBe("whole");
    expect(questions).toEqual(["Type yes to spend up to 2.5 USD on it: "]);
  });

  it.each([
    [{ BUDGET_USD: "0.005" }, "BUDGET_USD=0.005: a single call of 1769 MB may cost 0.0089 USD"],
    [{ ENV_SUFFIX: "bench" }, "what a killed run has left: ENV_SUFFIX=bench make destroy"],
    [{ FUNCTION: "some-function" }, "FUNCTION=some-function: unset it: the benchmark deploys"],
    [{ WARM_SAMPLES: "3", QUICK: "" }, "WARM_SAMPLES=3: at least 20"],
    [{ LAMBDA_TIMEOUT: "1" }, "LAMBDA_TIMEOUT=1: at least 10"],
  ])("refuses %j before it asks AWS for anything", async (variables, message) => {
    const { error } = await run({ ...tinyPlan, ...variables });

    expect(error).toContain(message);
    expect(workspace.tools.calls).toEqual([]);
    expect(workspace.emulator.actions).toEqual([]);
  });

  it("refuses a folder that cannot be written to", async () => {
    writeFileSync("file", "");

    const { error } = await run({ ...tinyPlan, OUT: "file" });

    expect(error).toBe("OUT=file: nothing can be written there");
    expect(isUntouched()).toBe(true);
  });

  it("refuses an environment that is there already", async () => {
    await workspace.run(deploymentSteps(workspace.dependencies({ ENV_SUFFIX: "bench" })));
    const before = world();

    const { error } = await run();

    expect(error).toContain("bitnet-lambda-bench is deployed already");
    expect(error).toContain("If none is running: ENV_SUFFIX=bench make destroy");
    expect(world()).toBe(before);
    expect(lambda.actions).toEqual([]);
  });
});
