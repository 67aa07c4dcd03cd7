import { resourceName, type StackKind } from "../../stacks/resource-names.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-clients.ts";
import { type DeploymentDependencies, planCommands, synthesizeStep } from "./deployment.ts";
import { planFile, stackFolder } from "./terraform.ts";

const nothingChanged = "nothing was made or changed.";

/** The steps of `make plan`: both plans saved and shown, nothing changed. */
export function planningSteps(
  dependencies: DeploymentDependencies,
  show: (text: string) => void,
): Step[] {
  return [
    checkStep(dependencies),
    registryStep(dependencies, show),
    serviceStep(dependencies, show),
  ];
}

/**
 * Everything that needs no provider, which takes long to download. Older plans are removed first, so
 * that nothing takes them for those of this run.
 */
function checkStep(dependencies: DeploymentDependencies): Step {
  const { title, commands, run } = synthesizeStep(dependencies);
  return {
    title: `check credentials, ${title}`,
    commands: [
      `${dependencies.terraformProgram} version -json`,
      "sts:GetCallerIdentity",
      ...commands,
    ],
    stateOnFailure: nothingChanged,
    async run() {
      dependencies.registryTerraform.removePlan();
      dependencies.serviceTerraform.removePlan();
      await dependencies.requireTerraform();
      const account = await signedInAccount(dependencies.clients.sts);
      return `account ${account}: ${await run()}`;
    },
  };
}

function registryStep(dependencies: DeploymentDependencies, show: (text: string) => void): Step {
  const { registryTerraform: terraform } = dependencies;
  return {
    title: "plan the registry",
    commands: shownPlanCommands(dependencies, "registry"),
    stateOnFailure: nothingChanged,
    async run() {
      await terraform.init();
      const account = await signedInAccount(dependencies.clients.sts);
      requireSameAccount(account, (await terraform.outputs()).repository_url);
      const hasChanges = await terraform.plan();
      show(await terraform.show());
      return planResult(dependencies, "registry", hasChanges);
    },
  };
}

function serviceStep(dependencies: DeploymentDependencies, show: (text: string) => void): Step {
  const { config, registry, registryTerraform, serviceTerraform: terraform } = dependencies;
  return {
    title: "plan the function",
    commands: shownPlanCommands(dependencies, "service"),
    stateOnFailure: nothingChanged,
    async run() {
      const tag = await dependencies.builder.tag();
      const digest = await registry.findImage(tag);
      if (digest === undefined) {
        return `waits for image ${tag}: a plan names it by its digest, and it is not in ${resourceName(config, "images")} yet; \`make push\` puts it there`;
      }
      await terraform.init();
      const { repository_url } = await registryTerraform.outputs();
      const hasChanges = await terraform.plan({ image_uri: `${repository_url}@${digest}` });
      show(await terraform.show());
      return planResult(dependencies, "service", hasChanges);
    },
  };
}

function shownPlanCommands(dependencies: DeploymentDependencies, kind: StackKind): string[] {
  const { config, terraformProgram } = dependencies;
  const show = `${terraformProgram} -chdir=${stackFolder(config, kind)} show ${planFile}`;
  return [...planCommands(dependencies, kind), show];
}

function planResult(
  { config }: DeploymentDependencies,
  kind: StackKind,
  hasChanges: boolean,
): string {
  const saved = `${stackFolder(config, kind)}/${planFile}`;
  return `${hasChanges ? "changes" : "no changes"}: ${saved}`;
}
