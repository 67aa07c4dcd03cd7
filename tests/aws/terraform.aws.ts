import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSteps, type Step } from "../../scripts/cli/steps.ts";
import { createAwsClients } from "../../scripts/deploy/aws-clients.ts";
import { type DeploymentDependencies, deploymentSteps } from "../../scripts/deploy/deployment.ts";
import { createDeploymentDependencies } from "../../scripts/deploy/deployment-dependencies.ts";
import {
  destructionSteps,
  inventoryLines,
  takeInventory,
} from "../../scripts/deploy/destruction.ts";
import { stackConfig } from "../helpers/stack-config.ts";
import { putImage, requireEmulator } from "./emulated-aws.ts";

const config = stackConfig({ FUNCTION_URL: "AWS_IAM", CORS_ORIGINS: "https://a.example" });
const { ecr } = createAwsClients(config);

/** The real Terraform and stacks; images come from PutImage, and moto gives out no layers. */
function dependenciesOf(): DeploymentDependencies {
  const dependencies = createDeploymentDependencies(config, process.env);
  jest.spyOn(dependencies.registry, "requireRunnable").mockResolvedValue();
  return {
    ...dependencies,
    builder: {
      tag: async () => "0123abcd",
      push: async (url) => void (await putImage(ecr, url.split("/")[1] ?? "", "0123abcd")),
    },
    requireContainerTool: async () => "none",
  };
}

async function run(steps: readonly Step[]): Promise<string[]> {
  const lines: string[] = [];
  await runSteps(steps, {
    command: "deploy",
    writeLine: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  return lines;
}

/** Why Terraform cannot work here; nothing where it can. */
async function obstacle(dependencies: DeploymentDependencies): Promise<string | undefined> {
  try {
    await dependencies.requireTerraform();
    await dependencies.synthesize();
    await dependencies.registryTerraform.init();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("real Terraform on the synthesized stacks against moto", () => {
  it("applies both stacks, plans nothing more, and destroys all", async () => {
    await requireEmulator();
    process.chdir(mkdtempSync(join(tmpdir(), "bitnet-test-aws-")));
    const dependencies = dependenciesOf();
    const reason = await obstacle(dependencies);
    if (reason !== undefined) {
      process.stderr.write(`NOT RUN, Terraform's AWS provider cannot be had here:\n${reason}\n`);
      return;
    }

    const first = await run(deploymentSteps(dependencies));
    const second = await run(deploymentSteps(dependencies));
    const before = inventoryLines(dependencies, await takeInventory(dependencies));
    await run(destructionSteps(dependencies));
    const after = inventoryLines(dependencies, await takeInventory(dependencies));

    expect(first.join("\n")).toContain("bitnet-lambda-dev-function: applied");
    expect(second.filter((line) => line.includes(": no changes"))).toHaveLength(2);
    expect(before.length).toBeGreaterThan(15);
    expect(after).toEqual([]);
  });
});
