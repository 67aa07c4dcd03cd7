import { existsSync, readdirSync } from "node:fs";
import { deploymentSteps } from "../../../../../scripts/deploy/deployment.ts";
import { waitUntil } from "../../../../helpers/processes.ts";
import { runScript, startScript } from "../../../../helpers/run-script.ts";
import { benchmarkCloud, read, run, tinyPlan } from "./run-benchmark.ts";

jest.setTimeout(60_000);

const script = "benchmark-remote.ts";
const reportPath = "docs/benchmarks-remote.md";

/** 4 setups, 8 versions, 16 warm and 8 cold calls. */
const smallPlan = {
  ...tinyPlan,
  MEMORY_SIZES: "1769,3008",
  ENGINES: "",
  TOKENS: "10,50",
  COLD_SAMPLES: "1",
} as const;

const cloud = benchmarkCloud();
const { workspace } = cloud;

/** Everything in the account and in Terraform's states. */
function world(): string {
  const { repositories, functions } = workspace.emulator;
  const images = [...repositories].map(([name, tags]) => [name, [...tags.keys()]]);
  return JSON.stringify([images, [...functions]]);
}

const emptyWorld = JSON.stringify([[], []]);

describe("make benchmark-remote", () => {
  it("deploys each setup without what costs more, measures and destroys it; a live function stays", async () => {
    await workspace.run(deploymentSteps(workspace.dependencies()));
    const before = world();
    let service = "";
    cloud.lambda.faults.beforeAction = async () => {
      service = read(".state/bitnet-lambda-bench/us-east-1/service.tfstate");
    };

    const { ending, output } = await run({
      ...smallPlan,
      FUNCTION_URL: "AWS_IAM",
      LAMBDA_CONCURRENCY_LIMIT: "4",
      ALARM_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alarms",
      BITNET_LOG_LEVEL: "error",
      RAW: "1",
    });

    expect(ending).toBe("whole");
    expect(world()).toBe(before);
    expect(readdirSync(".state/bitnet-lambda-bench")).toEqual([]);
    const applied = workspace.tools.calls.filter((call) => /bench\S*service apply/.test(call));
    expect(applied).toHaveLength(4);
    expect(service).toContain('"BITNET_LOG_LEVEL":"error"');
    expect(service).not.toMatch(/lambda_function_url|reserved_concurrent|:sns:/);
    expect(cloud.lambda.mostAtOnce).toBe(1);
    const called = cloud.lambda.invocations.map(
      ({ memoryMiB, variables, event, version, isCold }) =>
        `${memoryMiB} ${variables.BITNET_ENGINE ?? "llama-cli"} ${event.n_predict} ${version}${isCold ? " cold" : ""}`,
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
    expect(output).toContain("[24/24] 1769 MB llama-server warm 50 tokens: ");
    expect(output).toContain("  bitnet-lambda-bench-function is gone");
    expect(output).toContain(`${reportPath}: written`);
    expect(read(reportPath)).toMatch(/^- image sha256:[0-9a-f]{64}; model made-up$/m);
    const raw = read("docs/benchmarks-remote.raw.jsonl");
    expect(raw.trim().split("\n")).toHaveLength(24);
    expect(read(reportPath) + raw).not.toMatch(/123456789012|arn:/);
  });

  it("stops at the budget, and keeps an earlier whole report until there is another", async () => {
    await run();
    const whole = read(reportPath);
    const little = { ...smallPlan, BUDGET_USD: "0.0160" };

    // One call may take 310 s × 3008 MB: 0.01518 USD. That much is assumed of one without a report.
    const { ending, output } = await run(little);
    cloud.lambda.faults.invocation = () => ({ kind: "hang-up" });
    const unreported = await run(little);

    expect([ending, unreported.ending]).toEqual(["stopped", "stopped"]);
    expect(output).toContain("[7/24] ");
    expect(output).not.toContain("[8/24] ");
    expect(output).toContain("stopped: BUDGET_USD=0.016: a call of 3008 MB may cost 0.0152 USD");
    expect(unreported.output).not.toContain("[2/24] ");
    expect(read(reportPath)).toBe(whole);
    expect(read("docs/benchmarks-remote.partial.md")).toContain("**It stopped early, before");
    expect(workspace.emulator.functions.size).toBe(0);
    cloud.lambda.faults.invocation = () => undefined;
    await run();
    expect(readdirSync("docs")).toEqual(["benchmarks-remote.md"]);
  });

  it("destroys what a failed deployment has made, and says how to complete a failed destruction", async () => {
    workspace.tools.faults.terraform = "fail:plan:service";

    const failed = await run();

    expect(failed.ending).toContain("AccessDenied: is not authorized to");
    expect(failed.output).toMatch(/^failed: .*terraform plan failed:$/m);
    expect(failed.output).toContain("nothing was written");
    expect(workspace.emulator.repositories.size).toBe(0);

    workspace.tools.faults.terraform = "fail:destroy:service";
    const left = await run();

    expect(left.ending).toContain("AccessDenied: is not authorized to");
    expect(left.ending).toContain("IS STILL DEPLOYED: ENV_SUFFIX=bench make destroy");
    expect(read(reportPath)).toContain("# Benchmarks on AWS Lambda");
  });
});

describe("the process of make benchmark-remote", () => {
  /** Starts the command, and acts on its process at the second call. */
  function startAndAct(act: (run: ReturnType<typeof startScript>) => Promise<void>) {
    const started = startScript(script, tinyPlan);
    let calls = 0;
    cloud.lambda.faults.beforeAction = async (action) => {
      if (action === "Invoke" && ++calls === 2) await act(started);
    };
    return started;
  }

  it.each(["SIGINT", "SIGTERM"] as const)(
    "destroys its environment at %s, and writes what it has",
    async (signal) => {
      const stopped = startAndAct(async ({ child, output }) => {
        child.kill(signal);
        await waitUntil(() => output().includes(`${signal}: stopping`), 20_000);
      });

      expect(await stopped.ended).toBe(1);

      expect(stopped.output()).toContain(`interrupted: received ${signal}`);
      expect(stopped.output()).toContain("destroying bitnet-lambda-bench now; another Ctrl-C");
      expect(world()).toBe(emptyWorld);
      expect(read("docs/benchmarks-remote.partial.md")).toContain("1 interrupted |");
    },
  );

  it("leaves after SIGKILL what ENV_SUFFIX=bench make destroy removes", async () => {
    const killed = startAndAct(async ({ child, ended }) => {
      child.kill("SIGKILL");
      await ended;
    });
    await killed.ended;
    cloud.lambda.faults.beforeAction = undefined;
    const before = world();

    const next = await runScript(script, tinyPlan);

    expect(next.exitCode).toBe(1);
    expect(next.output).toContain("bitnet-lambda-bench is deployed already");
    expect(next.output).toContain("If none is running: ENV_SUFFIX=bench make destroy");
    expect(world()).toBe(before);
    const destroyed = await runScript("destroy.ts", { ENV_SUFFIX: "bench", YES: "1" });
    expect(destroyed.exitCode).toBe(0);
    expect(world()).toBe(emptyWorld);
  });
});

describe("before it deploys", () => {
  it("DRY_RUN=1 prints the plan and the price, and asks AWS for nothing", async () => {
    const plan = { ...smallPlan, DRY_RUN: "1", YES: "" };

    const { ending, output } = await run(plan);
    const expensive = await run({ ...plan, BUDGET_USD: "0.1", WARM_SAMPLES: "1000" });
    const fast = await run({ ...plan, LAMBDA_SNAPSTART: "1" });

    expect(ending).toBeUndefined();
    expect([workspace.tools.calls, workspace.emulator.actions, existsSync("docs")]).toEqual([
      [],
      [],
      false,
    ]);
    expect(output).toMatch(/^x86_64 +calls +expected GB-s +USD +at most GB-s +USD$/m);
    expect(output).toMatch(/^3008 MB +12 /m);
    expect(output).toMatch(/^together +24 +432 +0\.0072 +17354 +0\.2892$/m);
    expect(output).toContain("Expected (assumed, not measured): 10 tokens a second for each vCPU");
    expect(output).toContain("2 warm and 1 cold calls, in 8 published versions");
    expect(output).not.toMatch(/EXPECTED IS MORE|SnapStart's/);
    expect(expensive.output).toContain("EXPECTED IS MORE THAN THE BUDGET");
    expect(fast.output).toMatch(/^NOT INCLUDED: .* SnapStart's charges/m);
  });

  it("asks with the most that it will spend, and ends without consent", async () => {
    const question = "Type yes to spend up to 2.5 USD on it: ";
    const variables = { ...tinyPlan, YES: "", BUDGET_USD: "2.5" };
    const ask = jest.fn().mockResolvedValueOnce("y").mockResolvedValueOnce(" yes\n");

    const unasked = await run(variables);
    const refused = await run(variables, ask);
    expect(workspace.tools.calls.filter((call) => / (apply|destroy)/.test(call))).toEqual([]);
    const agreed = await run(variables, ask);

    expect([unasked.ending, refused.ending, agreed.ending]).toEqual([
      "nobody is there to ask: YES=1 make benchmark-remote. Nothing was deployed, measured or spent.",
      "Nothing was deployed, measured or spent.",
      "whole",
    ]);
    expect(ask.mock.calls).toEqual([[question], [question]]);
  });

  it.each([
    [{ BUDGET_USD: "0.005" }, "BUDGET_USD=0.005: a call of 1769 MB may cost 0.0089 USD"],
    [{ ENV_SUFFIX: "bench" }, "what a killed run has left: ENV_SUFFIX=bench make destroy"],
    [{ WARM_SAMPLES: "3", QUICK: "" }, "WARM_SAMPLES=3: at least 20"],
    [{ LAMBDA_TIMEOUT: "1" }, "LAMBDA_TIMEOUT=1: at least 10"],
    [{ OUT: "/dev/null" }, "OUT=/dev/null: nothing can be written there"],
  ])("refuses %j before it asks AWS for anything", async (variables, message) => {
    const { ending } = await run({ ...tinyPlan, ...variables });

    expect(ending).toContain(message);
    expect([...workspace.tools.calls, ...workspace.emulator.actions]).toEqual([]);
  });
});
