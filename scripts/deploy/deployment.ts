import { UserError } from "../../model/user-error.ts";
import { resourceName, type StackKind } from "../../stacks/resource-names.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-clients.ts";
import type { DeploymentDependencies } from "./deployment-dependencies.ts";
import { type SavedPlan, stackFolder, type Terraform, type Variables } from "./terraform.ts";

/**
 * The steps of `make deploy`. Each one finds out by itself what is already done: after a stop at any
 * point another run continues from there, and a second run changes nothing.
 */
export function deploymentSteps(dependencies: DeploymentDependencies): Step[] {
  const deployment = new Deployment(dependencies);
  return [...deployment.stepsToImage(), deployment.serviceStep()];
}

/** The steps of `make push`: those of `make deploy` without the function. */
export function pushSteps(dependencies: DeploymentDependencies): Step[] {
  return new Deployment(dependencies).stepsToImage();
}

/** The steps of one run; its fields hold what steps find out for the steps after them. */
class Deployment {
  readonly #dependencies: DeploymentDependencies;
  #account = "";
  #tag = "";
  #digest: string | undefined;
  #repositoryUrl = "";

  constructor(dependencies: DeploymentDependencies) {
    this.#dependencies = dependencies;
  }

  stepsToImage(): Step[] {
    return [
      this.#checkStep(),
      ...(this.#dependencies.usesSavedPlans ? [] : [synthesizeStep(this.#dependencies)]),
      this.#registryStep(),
      this.#pushStep(),
      this.#imageCheckStep(),
    ];
  }

  /** Finds everything that is missing before anything is created. */
  #checkStep(): Step {
    const dependencies = this.#dependencies;
    return {
      title: "check tools, credentials and image",
      commands: [
        `${dependencies.terraformProgram} version -json`,
        "scripts/image.ts --print-tag",
        "sts:GetCallerIdentity",
        "ecr:DescribeImages",
      ],
      stateOnFailure: "nothing was made or changed.",
      run: async () => {
        await dependencies.requireTerraform();
        this.#account = await signedInAccount(dependencies.clients.sts);
        this.#tag = await dependencies.builder.tag();
        this.#digest = await dependencies.registry.findImage(this.#tag);
        const { region } = dependencies.config;
        const image = this.#digest
          ? "already pushed"
          : `${await dependencies.requireContainerTool()} builds it`;
        return `account ${this.#account}, ${region}, image ${this.#tag}: ${image}`;
      },
    };
  }

  #registryStep(): Step {
    const { config, registryTerraform: terraform } = this.#dependencies;
    return {
      title: "apply the registry",
      commands: applyCommands(this.#dependencies, terraform),
      stateOnFailure:
        "the registry may be made in part; the function is as it was before. Terraform's state lists what was made.",
      run: async () => {
        await terraform.init();
        requireSameAccount(this.#account, (await terraform.outputs()).repository_url);
        const result = await this.#apply(terraform, "registry");
        this.#repositoryUrl = String((await terraform.outputs()).repository_url);
        return `${resourceName(config, "images")}: ${result}`;
      },
    };
  }

  #pushStep(): Step {
    const { registry, builder } = this.#dependencies;
    return {
      title: "build and push the image",
      commands: [
        "ecr:DescribeImages (skips the rest when the tag is there)",
        "ecr:GetAuthorizationToken",
        "scripts/image.ts",
        "docker login --username AWS --password-stdin REGISTRY (or podman, finch, buildah)",
        "docker push REPOSITORY_URL:TAG",
      ],
      stateOnFailure: "the registry is up to date; the function is as it was before.",
      run: async () => {
        this.#digest ??= await registry.findImage(this.#tag);
        if (this.#digest !== undefined) return `${this.#tag} is in the registry already`;
        await builder.push(this.#repositoryUrl, await registry.password());
        this.#digest = await registry.findImage(this.#tag);
        if (this.#digest === undefined) {
          throw new UserError(`the push succeeded, but ${this.#tag} is not in the registry`);
        }
        return `${this.#tag} is pushed`;
      },
    };
  }

  #imageCheckStep(): Step {
    const { registry, config } = this.#dependencies;
    return {
      title: "check that Lambda can run the image",
      commands: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      stateOnFailure:
        "the registry holds an image that Lambda would refuse; the function is as it was before.",
      run: async () => {
        await registry.requireRunnable(this.#digest ?? "", config.architecture);
        return `one image, ${config.architecture}, ${this.#digest}`;
      },
    };
  }

  serviceStep(): Step {
    const { config, serviceTerraform: terraform } = this.#dependencies;
    return {
      title: "apply the function",
      commands: applyCommands(this.#dependencies, terraform, shownVariables),
      stateOnFailure:
        "the image is pushed; the function may be made or changed in part. Terraform's state lists what was made.",
      run: async () => {
        await terraform.init();
        const image_uri = `${this.#repositoryUrl}@${this.#digest}`;
        const result = await this.#apply(terraform, "service", { image_uri });
        return `${resourceName(config, "function")}: ${result}`;
      },
    };
  }

  /** Applies a new plan, or the saved one, unless it has no changes. */
  async #apply(terraform: Terraform, kind: StackKind, variables: Variables = {}): Promise<string> {
    let hasChanges: boolean;
    if (this.#dependencies.usesSavedPlans) {
      const plan = await terraform.savedPlan();
      requireCurrent(plan, kind, variables);
      if (plan.isApplied) return "applied before";
      hasChanges = plan.hasChanges;
    } else hasChanges = await terraform.plan(variables);
    if (!hasChanges) return "no changes";
    await terraform.applyPlan();
    return "applied";
  }
}

/** The function's variables where their values are not known yet. */
export const shownVariables: Variables = { image_uri: "REPOSITORY_URL@DIGEST" };

/** Fails unless there is a saved plan, made with these variables. */
function requireCurrent(
  plan: SavedPlan | undefined,
  kind: StackKind,
  variables: Variables,
): asserts plan is SavedPlan {
  if (plan === undefined) {
    throw new UserError(`no plan of the ${kind} is saved: run \`make plan\` again`);
  }
  for (const [name, value] of Object.entries(variables)) {
    if (plan.variables[name] === value) continue;
    throw new UserError(
      `the saved plan of the ${kind} is for another ${name}:\n  planned: ${plan.variables[name]}\n  now:     ${value}\nRun \`make plan\` again.`,
    );
  }
}

/** Writes the Terraform JSON of both stacks. */
export function synthesizeStep({ config, synthesize }: DeploymentDependencies): Step {
  return {
    title: "synthesize the stacks",
    commands: ["tsx stacks/main.ts"],
    stateOnFailure: "nothing was made or changed.",
    async run() {
      await synthesize();
      return `${stackFolder(config, "registry")}, ${stackFolder(config, "service")}`;
    },
  };
}

function applyCommands(
  { usesSavedPlans }: DeploymentDependencies,
  terraform: Terraform,
  variables?: Variables,
): string[] {
  const apply = terraform.commandLine("apply");
  if (usesSavedPlans) return [terraform.commandLine("init"), apply];
  return [...planCommands(terraform, variables), `${apply} (when the plan has changes)`];
}

/** The command lines that initialize a stack and save its plan, for `DRY_RUN=1`. */
export function planCommands(terraform: Terraform, variables?: Variables): string[] {
  return [terraform.commandLine("init"), terraform.commandLine("plan", variables)];
}
