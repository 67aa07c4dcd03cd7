import { readFileSync } from "node:fs";
import { type CloudWorkspace, openCloudWorkspace } from "../../../../helpers/cloud-workspace.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../../helpers/emulators/lambda-emulator.ts";
import { waitUntil } from "../../../../helpers/processes.ts";
import { runScript, startScript } from "../../../../helpers/run-script.ts";
import { tinyPlan } from "./emulated-benchmark.ts";

// The command in a process of its own, as the Makefile starts it.
jest.setTimeout(60_000);

const script = "benchmark-remote.ts";

let workspace: CloudWorkspace;
let lambda: LambdaEmulator;
beforeEach(async () => {
  workspace = await openCloudWorkspace();
  lambda = await startLambdaEmulator(workspace.emulator);
  workspace.set({ AWS_ENDPOINT_URL_LAMBDA: lambda.url });
});
afterEach(async () => {
  await workspace.close();
  await lambda.stop();
});

/** Holds the second call until the test has done something to the process. */
function atSecondCall(act: () => Promise<void>): void {
  let calls = 0;
  lambda.faults.beforeAction = async (action) => {
    if (action === "Invoke" && ++calls === 2) await act();
    return undefined;
  };
}

describe("make benchmark-remote", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "destroys its environment at %s, and writes what it has",
    async (signal) => {
      const run = startScript(script, tinyPlan);
      atSecondCall(async () => {
        run.child.kill(signal);
        await waitUntil(() => run.output().includes(`${signal}: stopping`), 20_000);
      });

      const exitCode = await run.ended;

      expect(run.output()).toContain("interrupted: the environment is destroyed now");
      expect(exitCode).toBe(1);
      expect(workspace.emulator.functions.size).toBe(0);
      expect(workspace.emulator.repositories.size).toBe(0);
      const report = readFileSync("docs/benchmarks-remote.partial.md", "utf8");
      expect(report).toContain("| `interrupted` | 1 |");
    },
  );

  it("leaves after SIGKILL what ENV_SUFFIX=bench make destroy removes", async () => {
    const killed = startScript(script, tinyPlan);
    atSecondCall(async () => {
      killed.child.kill("SIGKILL");
      await killed.ended;
    });
    await killed.ended;
    lambda.faults.beforeAction = undefined;

    const next = await runScript(script, tinyPlan);
    const left = workspace.emulator.functions.size;
    const destroyed = await runScript("destroy.ts", { ENV_SUFFIX: "bench", YES: "1" });

    expect(next.output).toContain("ENV_SUFFIX=bench make destroy");
    expect(next.exitCode).toBe(1);
    expect(left).toBe(1);
    expect(destroyed.exitCode).toBe(0);
    expect(workspace.emulator.functions.size).toBe(0);
    expect(workspace.emulator.repositories.size).toBe(0);
  });
});
