import { UserError } from "../../model/user-error.ts";
import { resourceName, type StackKind } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import type { Step } from "../cli/steps.ts";
import { type AwsClients, requireSameAccount, signedInAccount } from "./aws-clients.ts";
import type { ImageBuilder } from "./image-builder.ts";
import type { ImageRegistry } from "./image-registry.ts";
import { planFile, type Terraform } from "./terraform.ts";
import { stackFolder } from "./workspace.ts";

/** Dependencies of a deployment. */
export interface DeploymentDependencies {
  readonly config: StackConfig;
  readonly clients: AwsClients;
  readonly registry: ImageRegistry;
  readonly builder: Pick<ImageBuilder, "tag" | "push">;
  readonly registryTerraform: Terraform;
  readonly serviceTerraform: Terraform;
  /** Terraform's program, for messages. */
  readonly terraformProgram: string;
  readonly requireTerraform: () => Promise<string>;
  readonly requireContainerTool: () => Promise<string>;
  readonly synthesize: () => Promise<void>;
  /** Apply the plans that `make plan` has saved, and no others. */
  readonly usesSavedPlans: boolean;
}

/** What steps find out for the steps after them. */
interface Findings {
  tag: string;
  digest: string | undefined;
  repositoryUrl: string;
  account: string;
}

/**
 * The steps of `make deploy`. Each one finds out by itself what is already done: after a stop at any
 * point another run continues from there, and a second run changes nothing.
 */
export function deploymentSteps(dependencies: DeploymentDependencies): Step[] {
  const findings = noFindings();
  return [...stepsToImage(dependencies, findings), serviceStep(dependencies, findings)];
}

/** The steps of `make push`: those of `make deploy` without the function. */
export function pushSteps(dependencies: DeploymentDependencies): Step[] {
  return stepsToImage(dependencies, noFindings());
}

function noFindings(): Findings {
  return { tag: "", digest: undefined, repositoryUrl: "", account: "" };
}

function stepsToImage(dependencies: DeploymentDependencies, findings: Findings): Step[] {
  return [
    checkStep(dependencies, findings),
    ...(dependencies.usesSavedPlans ? [] : [synthesizeStep(dependencies)]),
    registryStep(dependencies, findings),
    pushStep(dependencies, findings),
    imageCheckStep(dependencies, findings),
  ];
}

/** Finds everything that is missing before anything is created. */
function checkStep(dependencies: DeploymentDependencies, findings: Findings): Step {
  return {
    title: "check tools, credentials and image",
    commands: [
      `${dependencies.terraformProgram} version -json`,
      "scripts/image.ts --print-tag",
      "sts:GetCallerIdentity",
      "ecr:DescribeImages",
    ],
    stateOnFailure: "nothing was made or changed.",
    async run() {
      await dependencies.requireTerraform();
      findings.account = await signedInAccount(dependencies.clients.sts);
      findings.tag = await dependencies.builder.tag();
      findings.digest = await dependencies.registry.findImage(findings.tag);
      const tool = findings.digest
        ? "already pushed"
        : `${await dependencies.requireContainerTool()} builds it`;
      return `account ${findings.account}, ${dependencies.config.region}, image ${findings.tag}: ${tool}`;
    },
  };
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

function registryStep(dependencies: DeploymentDependencies, findings: Findings): Step {
  const { config, registryTerraform: terraform, usesSavedPlans } = dependencies;
  return {
    title: "apply the registry",
    commands: applyCommands(dependencies, "registry"),
    stateOnFailure:
      "the registry may be made in part; the function is as it was before. Terraform's state lists what was made.",
    async run() {
      await terraform.init();
      requireSameAccount(findings.account, (await terraform.outputs()).repository_url);
      const hasChanges = usesSavedPlans || (await terraform.plan());
      if (hasChanges) await terraform.applyPlan();
      findings.repositoryUrl = String((await terraform.outputs()).repository_url);
      return `${resourceName(config, "images")}: ${hasChanges ? "applied" : "no changes"}`;
    },
  };
}

function pushStep({ registry, builder }: DeploymentDependencies, findings: Findings): Step {
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
    async run() {
      findings.digest ??= await registry.findImage(findings.tag);
      if (findings.digest !== undefined) return `${findings.tag} is in the registry already`;
      await builder.push(findings.repositoryUrl, await registry.password());
      findings.digest = await registry.findImage(findings.tag);
      if (findings.digest === undefined) {
        throw new UserError(`the push succeeded, but ${findings.tag} is not in the registry`);
      }
      return `${findings.tag} is pushed`;
    },
  };
}

function imageCheckStep({ registry, config }: DeploymentDependencies, findings: Findings): Step {
  return {
    title: "check that Lambda can run the image",
    commands: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    stateOnFailure:
      "the registry holds an image that Lambda would refuse; the function is as it was before.",
    async run() {
      await registry.requireRunnable(findings.digest ?? "", config.architecture);
      return `one image, ${config.architecture}, ${findings.digest}`;
    },
  };
}

function serviceStep(dependencies: DeploymentDependencies, findings: Findings): Step {
  const { config, serviceTerraform: terraform, usesSavedPlans } = dependencies;
  return {
    title: "apply the function",
    commands: applyCommands(dependencies, "service"),
    stateOnFailure:
      "the image is pushed; the function may be made or changed in part. Terraform's state lists what was made.",
    async run() {
      await terraform.init();
      const image_uri = `${findings.repositoryUrl}@${findings.digest}`;
      const hasChanges = usesSavedPlans || (await terraform.plan({ image_uri }));
      if (hasChanges) await terraform.applyPlan();
      return `${resourceName(config, "function")}: ${hasChanges ? "applied" : "no changes"}`;
    },
  };
}

function applyCommands(
  { config, terraformProgram, usesSavedPlans }: DeploymentDependencies,
  kind: StackKind,
): string[] {
  const [init, plan] = planCommands({ config, terraformProgram }, kind);
  const apply = `${terraformProgram} -chdir=${stackFolder(config, kind)} apply -input=false ${planFile}`;
  if (usesSavedPlans) return [init, apply];
  return [init, plan, `${apply} (when the plan has changes)`];
}

/** The command lines that initialize a stack and save its plan, for `DRY_RUN=1`. */
export function planCommands(
  { config, terraformProgram }: Pick<DeploymentDependencies, "config" | "terraformProgram">,
  kind: StackKind,
): [init: string, plan: string] {
  const terraform = `${terraformProgram} -chdir=${stackFolder(config, kind)}`;
  const variables = kind === "service" ? " -var=image_uri=REPOSITORY_URL@DIGEST" : "";
  return [
    `${terraform} init -input=false`,
    `${terraform} plan -input=false -out=${planFile} -detailed-exitcode${variables}`,
  ];
}
