import { rmSync } from "node:fs";
import { resourceName } from "../../stacks/resource-names.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-account.ts";
import type { DeploymentParts } from "./deployment.ts";
import { stackFolder } from "./workspace.ts";

/** What there is to destroy. */
export interface Inventory {
  /** Addresses in Terraform's states. */
  readonly service: readonly string[];
  readonly registry: readonly string[];
  /** Images in the repository. */
  readonly imageCount: number;
}

/** Terraform asks for an image even to destroy what runs it. */
const noImage = { image_uri: `none@sha256:${"0".repeat(64)}` };

/** Finds out what there is to destroy, and changes nothing. */
export async function takeInventory(parts: DeploymentParts): Promise<Inventory> {
  const { registryTerraform, serviceTerraform, registry } = parts;
  await parts.requireTerraform();
  const account = await signedInAccount(parts.sts);
  await parts.synthesize();
  await serviceTerraform.init();
  await registryTerraform.init();
  requireSameAccount(account, (await registryTerraform.outputs()).repository_url);
  return {
    service: await serviceTerraform.resources(),
    registry: await registryTerraform.resources(),
    imageCount: (await registry.images()).length,
  };
}

/** The inventory for people, a line for each thing. */
export function inventoryLines(parts: DeploymentParts, inventory: Inventory): string[] {
  const isMade = (address: string) => !address.startsWith("data.");
  return [
    ...inventory.service.filter(isMade),
    ...inventory.registry.filter(isMade),
    ...(inventory.imageCount === 0
      ? []
      : [`${inventory.imageCount} images in ${resourceName(parts.config, "images")}`]),
  ];
}

/** The steps of `make destroy`, to be run with consent only. */
export function destructionSteps(parts: DeploymentParts): Step[] {
  const { config, terraformProgram, registry, registryTerraform, serviceTerraform } = parts;
  const destroy = (kind: "registry" | "service") =>
    `${terraformProgram} -chdir=${stackFolder(config, kind)} destroy -input=false -auto-approve`;
  return [
    {
      title: "destroy the function, its logs and alarms",
      commands: [destroy("service")],
      stateOnFailure: "a part of the service may be left; the registry is as it was.",
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
        return `${images.length} images are gone`;
      },
    },
    {
      title: "destroy the registry",
      commands: [destroy("registry")],
      stateOnFailure: "the service and the images are gone; the repository is left.",
      async run() {
        await registryTerraform.destroy();
        return `${resourceName(config, "images")} is gone`;
      },
    },
  ];
}

/** Removes the states on this machine, which know of nothing any more. */
export function removeLocalState({ config }: DeploymentParts): void {
  if (config.stateBucket !== undefined) return;
  const { applicationName, environmentSuffix, region } = config;
  rmSync(`.state/${applicationName}-${environmentSuffix}/${region}`, {
    recursive: true,
    force: true,
  });
}
