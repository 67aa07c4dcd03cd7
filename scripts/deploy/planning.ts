import { resourceName } from "../../stacks/resource-names.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-account.ts";
import { type DeploymentParts, synthesizeStep } from "./deployment.ts";
import { planFile } from "./terraform.ts";
import { stackFolder } from "./workspace.ts";

const nothingChanged = "nothing was made or changed.";

/** The steps of `make plan`: both plans saved and shown, nothing changed. */
export function planningSteps(parts: DeploymentParts, show: (text: string) => void): Step[] {
  return [synthesizeStep(parts), registryStep(parts, show), serviceStep(parts, show)];
}

function registryStep(parts: DeploymentParts, show: (text: string) => void): Step {
  const { config, registryTerraform: terraform } = parts;
  return {
    title: "plan the registry",
    commands: planCommands(parts, "registry"),
    stateOnFailure: nothingChanged,
    async run() {
      await parts.requireTerraform();
      await terraform.init();
      const account = await signedInAccount(parts.sts);
      requireSameAccount(account, (await terraform.outputs()).repository_url);
      const hasChanges = await terraform.plan();
      show(await terraform.show());
      const saved = `${stackFolder(config, "registry")}/${planFile}`;
      return `${hasChanges ? "changes" : "no changes"}: ${saved}`;
    },
  };
}

function serviceStep(parts: DeploymentParts, show: (text: string) => void): Step {
  const { config, registry, registryTerraform, serviceTerraform: terraform } = parts;
  return {
    title: "plan the function",
    commands: planCommands(parts, "service"),
    stateOnFailure: nothingChanged,
    async run() {
      const tag = await parts.builder.tag();
      const digest = await registry.findImage(tag);
      if (digest === undefined) {
        return `waits: image ${tag} is not in ${resourceName(config, "images")}, and a plan names it by its digest; \`make push\` puts it there`;
      }
      await terraform.init();
      const { repository_url } = await registryTerraform.outputs();
      const hasChanges = await terraform.plan({ image_uri: `${repository_url}@${digest}` });
      show(await terraform.show());
      const saved = `${stackFolder(config, "service")}/${planFile}`;
      return `${hasChanges ? "changes" : "no changes"}: ${saved}`;
    },
  };
}

function planCommands(
  { config, terraformProgram }: DeploymentParts,
  kind: "registry" | "service",
): string[] {
  const terraform = `${terraformProgram} -chdir=${stackFolder(config, kind)}`;
  const variables = kind === "service" ? " -var=image_uri=REPOSITORY_URL@DIGEST" : "";
  return [
    `${terraform} init -input=false`,
    `${terraform} plan -input=false -out=${planFile} -detailed-exitcode${variables}`,
    `${terraform} show ${planFile}`,
  ];
}
