import { rmSync } from "node:fs";
import { resourceName } from "../../stacks/resource-names.ts";
import { counted } from "../cli/counted.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-clients.ts";
import type { DeploymentDependencies } from "./deployment-dependencies.ts";

/** Terraform requires the variable even to destroy. */
const noImage = { image_uri: `none@sha256:${"0".repeat(64)}` };

/** Lists what there is to destroy, a line for each resource; changes nothing. */
export async function inventoryLines(dependencies: DeploymentDependencies): Promise<string[]> {
  const { config, registryTerraform, serviceTerraform, registry } = dependencies;
  await dependencies.requireTerraform();
  const account = await signedInAccount(dependencies.clients.sts);
  await dependencies.synthesize();
  await serviceTerraform.init();
  await registryTerraform.init();
  requireSameAccount(account, (await registryTerraform.outputs()).repository_url);
  const all = [...(await serviceTerraform.resources()), ...(await registryTerraform.resources())];
  const made = all.filter((address) => !address.startsWith("data."));
  const { length } = await registry.images();
  return length === 0
    ? made
    : [...made, `${counted(length, "image")} in ${resourceName(config, "images")}`];
}

/** The steps of `make destroy`; they do not ask for consent. */
export function destructionSteps(dependencies: DeploymentDependencies): Step[] {
  const { config, registry, registryTerraform, serviceTerraform } = dependencies;
  return [
    {
      title: "destroy the function, its logs and alarms",
      commands: [serviceTerraform.commandLine("destroy")],
      stateOnFailure: "part of the service may be left; the registry is unchanged.",
      async run() {
        await serviceTerraform.destroy(noImage);
        return `${resourceName(config, "function")} is gone`;
      },
    },
    {
      title: "delete the images",
      commands: ["ecr:ListImages", "ecr:BatchDeleteImage"],
      stateOnFailure: "the service is gone; the repository and images are left.",
      async run() {
        const images = await registry.images();
        await registry.deleteImages(images);
        return `deleted ${counted(images.length, "image")}`;
      },
    },
    {
      title: "destroy the registry",
      commands: [registryTerraform.commandLine("destroy")],
      stateOnFailure: "the service and the images are gone; the repository is left.",
      async run() {
        await registryTerraform.destroy();
        return `${resourceName(config, "images")} is gone`;
      },
    },
  ];
}

/** Removes this environment's local state, which is empty after a destruction. */
export function removeLocalState({ config }: DeploymentDependencies): void {
  if (config.stateBucket !== undefined) return;
  const { applicationName, environmentSuffix, region } = config;
  const folder = `.state/${applicationName}-${environmentSuffix}/${region}`;
  rmSync(folder, { recursive: true, force: true });
}
