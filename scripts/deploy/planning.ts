import { resourceName, type StackKind } from "../../stacks/resource-names.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-clients.ts";
import { planCommands, shownVariables, synthesizeStep } from "./deployment.ts";
import type { DeploymentDependencies } from "./deployment-dependencies.ts";
import { planFile, stackFolder } from "./terraform.ts";

const stateOnFailure = "nothing was made or changed.";

/** The steps of `make plan`: both plans saved and shown, nothing changed. */
export function planningSteps(
  dependencies: DeploymentDependencies,
  show: (text: string) => void,
): Step[] {
  const { config, clients, registry, registryTerraform, serviceTerraform } = dependencies;

  /** Saves and shows a plan. */
  async function plan(kind: StackKind, variables: Record<string, string> = {}): Promise<string> {
    const terraform = kind === "registry" ? registryTerraform : serviceTerraform;
    const hasChanges = await terraform.plan(variables);
    show(await terraform.show());
    const saved = `${stackFolder(config, kind)}/${planFile}`;
    return `${hasChanges ? "changes" : "no changes"}: ${saved}`;
  }

  return [
    checkStep(dependencies),
    {
      title: "plan the registry",
      commands: [...planCommands(registryTerraform), registryTerraform.commandLine("show")],
      stateOnFailure,
      async run() {
        await registryTerraform.init();
        const account = await signedInAccount(clients.sts);
        requireSameAccount(account, (await registryTerraform.outputs()).repository_url);
        return plan("registry");
      },
    },
    {
      title: "plan the function",
      commands: [
        ...planCommands(serviceTerraform, shownVariables),
        serviceTerraform.commandLine("show"),
      ],
      stateOnFailure,
      async run() {
        const tag = await dependencies.builder.tag();
        const digest = await registry.findImage(tag);
        if (digest === undefined) {
          return `waits for image ${tag}: a plan names it by its digest, and it is not in ${resourceName(config, "images")} yet; \`make push\` puts it there`;
        }
        await serviceTerraform.init();
        const { repository_url } = await registryTerraform.outputs();
        return plan("service", { image_uri: `${repository_url}@${digest}` });
      },
    },
  ];
}

/**
 * Everything that needs no provider, which takes long to download. Older plans are removed first, so
 * that nothing takes them for those of this run.
 */
function checkStep(dependencies: DeploymentDependencies): Step {
  const { title, commands, run } = synthesizeStep(dependencies);
  const version = `${dependencies.terraformProgram} version -json`;
  return {
    title: `check credentials, ${title}`,
    commands: [version, "sts:GetCallerIdentity", ...commands],
    stateOnFailure,
    async run() {
      dependencies.registryTerraform.removePlan();
      dependencies.serviceTerraform.removePlan();
      await dependencies.requireTerraform();
      const account = await signedInAccount(dependencies.clients.sts);
      return `account ${account}: ${await run()}`;
    },
  };
}
