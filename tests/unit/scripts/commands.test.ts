import { existsSync, readFileSync } from "node:fs";
import { cloudWorkspace } from "../../helpers/cloud-workspace.ts";
import { waitUntil } from "../../helpers/processes.ts";
import { runScript, startScript } from "../../helpers/run-script.ts";

// Each command is a process of its own, as the Makefile starts it; on two busy cores that takes a
// second or two.
jest.setTimeout(60_000);

const workspace = cloudWorkspace();

describe("the commands", () => {
  it("deploy, ask before they destroy, and destroy", async () => {
    const first = await runScript("deploy.ts");
    const refused = await runScript("destroy.ts");
    const destroyed = await runScript("destroy.ts", { YES: "1" });

    expect(first.exitCode).toBe(0);
    expect(first.output).toMatch(/^function_name +bitnet-lambda-dev-function$/m);
    expect(first.output).toMatch(/^repository_url +\d{12}\.dkr\.ecr\./m);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.output).toContain("YES=1 make destroy. Nothing was destroyed.");
    expect(destroyed.exitCode).toBe(0);
    expect(destroyed.output).toContain("1 image in bitnet-lambda-dev-images");
    expect(existsSync(".state/bitnet-lambda-dev/us-east-1")).toBe(false);
  });

  it("finish the current step at Ctrl-C, and continue from there", async () => {
    const script = startScript("deploy.ts");
    workspace.tools.faults.beforeAnswer = async (call) => {
      if (!call.includes("us-east-1-registry apply")) return;
      script.child.kill("SIGINT");
      await waitUntil(() => script.output().includes("stopping after the current step"), 20_000);
    };

    const exitCode = await script.ended;
    workspace.tools.faults.beforeAnswer = undefined;
    const again = await runScript("deploy.ts");

    expect(exitCode).toBe(130);
    expect(script.output()).toContain("[3/6] bitnet-lambda-dev-images: applied");
    expect(script.output()).toContain("make deploy stopped at [4/6]");
    expect(again.exitCode).toBe(0);
    expect(again.output).toContain("[3/6] bitnet-lambda-dev-images: no changes");
  });

  it.each([
    ["deploy.ts", { LAMBDA_MEMORY_SIZE: "1" }, "LAMBDA_MEMORY_SIZE=1: at least 1024"],
    ["logs.ts", { SINCE: "yesterday" }, "SINCE=yesterday: a number and s, m, h or d"],
    ["logs.ts", {}, "is not deployed: `make deploy`"],
    ["test-remote.ts", { ENDPOINT: "http://127.0.0.1:9" }, "nothing listens there"],
    ["local.ts", { PORT: "many" }, "PORT=many: a number up to 65535"],
    ["local.ts", { PORT: "65536" }, "PORT=65536: a number up to 65535"],
    ["test-remote.ts", { ENDPOINT: "here" }, "ENDPOINT=here: must be an address"],
    ["chat.ts", { URL: "here" }, "URL=here: must be an address"],
  ])("%s with %j reports what is wrong, without a stack", async (name, variables, expected) => {
    const files = { BITNET_LLAMA_CLI: process.execPath, BITNET_MODEL: process.execPath };

    const { exitCode, output } = await runScript(name, { ...variables, ...files });

    expect(output).toContain(expected);
    expect(output).not.toMatch(/^ +at /m);
    expect(exitCode).toBe(1);
  });

  it("local.ts reports that its port is in use, without a stack", async () => {
    const files = { BITNET_LLAMA_CLI: process.execPath, BITNET_MODEL: process.execPath };
    const { port } = new URL(workspace.emulator.url);

    const { output } = await runScript("local.ts", { PORT: port, ...files });

    expect(output).toMatch(/the port is in use: .*PORT=9001\)$/m);
    expect(output).not.toMatch(/^ +at /m);
  });

  it("say that nothing is deployed without a provider, which takes long to download", async () => {
    const { output } = await runScript("logs.ts");

    const initialized = workspace.tools.calls.filter((call) => call.includes(" init "));
    expect(output).toContain("is not deployed");
    expect(initialized).toEqual([
      expect.stringContaining("-chdir=cdktf.out/states/bitnet-lambda-dev-us-east-1-service init"),
    ]);
    const stack = readFileSync("cdktf.out/states/bitnet-lambda-dev-us-east-1-service/cdk.tf.json");
    expect(Object.keys(JSON.parse(stack.toString()).terraform)).toEqual(["backend"]);
  });

  it.each([
    ["deploy.ts", 6, "plan -input=false -out=plan.tfplan -detailed-exitcode -var=image_uri="],
    ["destroy.ts", 3, "destroy"],
  ])("print what %s would run, and send AWS nothing", async (script, steps, command) => {
    const { exitCode, output } = await runScript(script, { DRY_RUN: "1", AWS_REGION: "eu-west-1" });

    const stack = "cdktf.out/stacks/bitnet-lambda-dev-eu-west-1-service";
    expect(exitCode).toBe(0);
    expect(output.match(/^\[\d\/\d\] /gm)).toHaveLength(steps);
    expect(output).toContain(`-chdir=${stack} ${command}`);
    expect(workspace.emulator.actions).toEqual([]);
    expect(workspace.tools.calls).toEqual([]);
  });
});
