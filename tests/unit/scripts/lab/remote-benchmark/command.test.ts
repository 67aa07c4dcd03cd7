import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type CloudWorkspace, openCloudWorkspace } from "../../../../helpers/cloud-workspace.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import { waitUntil } from "../../../../helpers/processes.ts";
import { runScript, startScript } from "../../../../helpers/run-script.ts";
import { smallPlan, worldText } from "../benchmark-workspace.ts";

// The command as the Makefile starts it, a process of its own.
jest.setTimeout(60_000);

const script = "benchmark-remote.ts";
const notePath = "temp/benchmark-remote.json";

let workspace: CloudWorkspace;
let emulator: LambdaEmulator;
let before: string;
beforeEach(async () => {
  workspace = await openCloudWorkspace();
  emulator = await startLambdaEmulator();
  Object.assign(emulator.faults, { updateReads: 0, pendingReads: 0 });
  before = worldText(emulator);
  workspace.set({ AWS_ENDPOINT_URL_LAMBDA: emulator.url });
});
afterEach(async () => {
  await workspace.close();
  await emulator.stop();
});

/** Holds the fifth call until the test has done something to the process. */
function atFifthCall(act: () => Promise<void>): void {
  let calls = 0;
  emulator.faults.beforeAction = async (action) => {
    if (action === "Invoke" && ++calls === 5) await act();
    return undefined;
  };
}

/** What a deployment leaves on this machine. */
function writeTerraformState(): void {
  const folder = ".state/bitnet-lambda-dev/us-east-1";
  const resources = {
    "aws_lambda_function.inference": {
      function_name: emulator.name,
      image_uri: "images@sha256:ab",
    },
    "aws_lambda_alias.inference": { name: "live" },
    "aws_cloudwatch_log_group.logs": { name: `/aws/lambda/${emulator.name}` },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/service.tfstate`, JSON.stringify({ resources }));
}

describe("make benchmark-remote", () => {
  it("measures the function that Terraform's state names", async () => {
    writeTerraformState();

    const { exitCode, output } = await runScript(script, smallPlan);

    expect(output).toContain("written: docs/benchmarks-remote.md, docs/benchmarks-remote.csv");
    expect(exitCode).toBe(0);
    expect(worldText(emulator)).toBe(before);
    expect(emulator.actions.filter((action) => action.startsWith("Invoke"))).toHaveLength(24);
    expect(readFileSync("docs/benchmarks-remote.csv", "utf8").trim().split("\n")).toHaveLength(25);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "puts all back at %s, and writes what it has",
    async (signal) => {
      const run = startScript(script, { ...smallPlan, FUNCTION: emulator.name });
      atFifthCall(async () => {
        run.child.kill(signal);
        await waitUntil(() => run.output().includes(`${signal}: stopping`), 20_000);
      });

      const exitCode = await run.ended;

      expect(run.output()).toContain("interrupted: putting the function back …");
      expect(exitCode).toBe(1);
      expect(worldText(emulator)).toBe(before);
      expect(existsSync(notePath)).toBe(false);
      const rows = readFileSync("docs/benchmarks-remote.partial.csv", "utf8").trim().split("\n");
      expect(rows).toHaveLength(6);
      expect(rows[5]).toContain(",interrupted,");
    },
  );

  it("loses nothing by SIGKILL: the next run puts all back first", async () => {
    const killed = startScript(script, { ...smallPlan, FUNCTION: emulator.name });
    atFifthCall(async () => {
      killed.child.kill("SIGKILL");
      await killed.ended;
    });
    await killed.ended;
    const left = worldText(emulator);
    emulator.faults.beforeAction = undefined;

    const deployments = await Promise.all([runScript("deploy.ts"), runScript("plan.ts")]);
    const next = await runScript(script, { ...smallPlan, FUNCTION: emulator.name, YES: "" });

    expect(left).not.toBe(before);
    for (const { exitCode, output } of deployments) {
      expect(output).toContain("a benchmark has changed bitnet-lambda-dev-function, and callers");
      expect(exitCode).toBe(1);
    }
    expect(next.output).toContain("a run before has left");
    expect(next.output).toContain("nobody is there to ask: YES=1 make benchmark-remote");
    expect(next.exitCode).toBe(1);
    expect(worldText(emulator)).toBe(before);
    expect(existsSync(notePath)).toBe(false);
    const rows = readFileSync("docs/benchmarks-remote.partial.csv", "utf8").trim().split("\n");
    expect(rows).toHaveLength(5);
  });
});
