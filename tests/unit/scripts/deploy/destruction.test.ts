import { existsSync } from "node:fs";
import { deploymentSteps } from "../../../../scripts/deploy/deployment.ts";
import {
  destructionSteps,
  inventoryLines,
  removeLocalState,
} from "../../../../scripts/deploy/destruction.ts";
import { cloudWorkspace } from "../../../helpers/cloud-workspace.ts";
import { emulatedImage } from "../../../helpers/emulators/aws-emulator.ts";

const workspace = cloudWorkspace();

const deploy = () => workspace.run(deploymentSteps(workspace.dependencies()));
const destroy = () => workspace.run(destructionSteps(workspace.dependencies()), "destroy");
const inventory = () => inventoryLines(workspace.dependencies());

describe("make destroy", () => {
  it("lists what there is, the log group and the images too", async () => {
    await deploy();

    const lines = await inventory();

    expect(lines).toContain("1 image in bitnet-lambda-dev-images");
    expect(lines.some((line) => line.startsWith("aws_cloudwatch_log_group."))).toBe(true);
    expect(lines.some((line) => line.startsWith("aws_ecr_repository."))).toBe(true);
    expect(workspace.emulator.functions.size).toBe(1);
  });

  it("leaves nothing behind, and can deploy again afterwards", async () => {
    await deploy();

    await destroy();

    const { functions, repositories } = workspace.emulator;
    expect([functions.size, repositories.size]).toEqual([0, 0]);
    expect(await inventory()).toEqual([]);
    expect(await deploy()).toContain("[6/6] bitnet-lambda-dev-function: applied (0.0 s)");
  });

  it.each(["fail:destroy:service", "fail:destroy:registry"])("goes on after %s", async (fault) => {
    await deploy();
    workspace.tools.faults.terraform = fault;

    const stopped = destroy();

    await expect(stopped).rejects.toThrow("`make destroy` again");
    workspace.tools.faults.terraform = undefined;
    await destroy();
    expect(await inventory()).toEqual([]);
  });

  it("deletes more images than ECR takes at once", async () => {
    await deploy();
    const images = workspace.emulator.repositories.get("bitnet-lambda-dev-images");
    for (let count = 0; count < 150; count++) images?.set(`tag${count}`, emulatedImage("amd64"));

    expect(await destroy()).toContain("[2/3] deleted 151 images (0.0 s)");
  });

  it("finds nothing where nothing was made", async () => {
    expect(await inventory()).toEqual([]);
  });

  it("destroys one environment with its state on this machine, and no other", async () => {
    await deploy();
    await workspace.run(deploymentSteps(workspace.dependencies({ ENV_SUFFIX: "prod" })));
    await destroy();

    removeLocalState(workspace.dependencies());

    expect([...workspace.emulator.functions.keys()]).toEqual(["bitnet-lambda-prod-function"]);
    expect(existsSync(".state/bitnet-lambda-dev/us-east-1")).toBe(false);
    expect(existsSync(".state/bitnet-lambda-prod/us-east-1/service.tfstate")).toBe(true);
  });
});
