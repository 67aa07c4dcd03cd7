import type { STSClient } from "@aws-sdk/client-sts";
import { UserError } from "../../model/user-error.ts";
import { resourceName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import type { Step } from "../cli/steps.ts";
import { requireSameAccount, signedInAccount } from "./aws-account.ts";
import type { ImageBuilder } from "./image-builder.ts";
import type { ImageRegistry } from "./image-registry.ts";
import type { Terraform } from "./terraform.ts";
import { stackFolder } from "./workspace.ts";

/** What a deployment stands on. */
export interface DeploymentParts {
  readonly config: StackConfig;
  readonly sts: STSClient;
  readonly registry: ImageRegistry;
  readonly builder: ImageBuilder;
  readonly registryTerraform: Terraform;
  readonly serviceTerraform: Terraform;
  /** Terraform's program, for people. */
  readonly terraformProgram: string;
  readonly requireTerraform: () => Promise<string>;
  readonly requireContainerTool: () => Promise<string>;
  readonly synthesize: () => Promise<void>;
  /** Apply the plans that `make plan` has saved, and no others. */
  readonly usesSavedPlans: boolean;
}

/** What steps find out for those behind them. */
interface Findings {
  tag: string;
  digest: string | undefined;
  repositoryUrl: string;
  account: string;
}

/**
 * The steps of `make deploy`. Each finds out by itself what is done already, so that running them
 * again after a stop at any point goes on from there, and a second run changes nothing.
 */
export function deploymentSteps(parts: DeploymentParts): Step[] {
  const findings = noFindings();
  return [...stepsToImage(parts, findings), serviceStep(parts, findings)];
}

/** The steps of `make push`: the same, but for the function. */
export function pushSteps(parts: DeploymentParts): Step[] {
  return stepsToImage(parts, noFindings());
}

function noFindings(): Findings {
  return { tag: "", digest: undefined, repositoryUrl: "", account: "" };
}

function stepsToImage(parts: DeploymentParts, findings: Findings): Step[] {
  return [
    checkStep(parts, findings),
    ...(parts.usesSavedPlans ? [] : [synthesizeStep(parts)]),
    registryStep(parts, findings),
    pushStep(parts, findings),
    imageCheckStep(parts, findings),
  ];
}

/** Everything that can be known to be missing before anything is made. */
function checkStep(parts: DeploymentParts, findings: Findings): Step {
  return {
    title: "check tools, credentials and image",
    commands: [
      `${parts.terraformProgram} version -json`,
      "scripts/image.ts --print-tag",
      "sts:GetCallerIdentity",
      "ecr:DescribeImages",
    ],
    stateOnFailure: "nothing was made or changed.",
    async run() {
      await parts.requireTerraform();
      findings.account = await signedInAccount(parts.sts);
      findings.tag = await parts.builder.tag();
      findings.digest = await parts.registry.findImage(findings.tag);
      const tool = findings.digest
        ? "already pushed"
        : `${await parts.requireContainerTool()} builds it`;
      return `account ${findings.account}, ${parts.config.region}, image ${findings.tag}: ${tool}`;
    },
  };
}

/** Writes the Terraform of both stacks. */
export function synthesizeStep({ config, synthesize }: DeploymentParts): Step {
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

function registryStep(parts: DeploymentParts, findings: Findings): Step {
  const { config, registryTerraform: terraform, usesSavedPlans } = parts;
  return {
    title: "apply the registry",
    commands: applyCommands(parts, "registry"),
    stateOnFailure:
      "the registry may be made in part; the function is as it was before. Terraform's state knows what was made.",
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

function pushStep({ registry, builder }: DeploymentParts, findings: Findings): Step {
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
        throw new UserError(`the push ended well, but ${findings.tag} is not in the registry`);
      }
      return `${findings.tag} is pushed`;
    },
  };
}

function imageCheckStep({ registry, config }: DeploymentParts, findings: Findings): Step {
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

function serviceStep(parts: DeploymentParts, findings: Findings): Step {
  const { config, serviceTerraform: terraform, usesSavedPlans } = parts;
  return {
    title: "apply the function",
    commands: applyCommands(parts, "service", " -var=image_uri=REPOSITORY_URL@DIGEST"),
    stateOnFailure:
      "the image is pushed; the function may be made or changed in part. Terraform's state knows what was made.",
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
  { config, terraformProgram, usesSavedPlans }: DeploymentParts,
  kind: "registry" | "service",
  variables = "",
): string[] {
  const terraform = `${terraformProgram} -chdir=${stackFolder(config, kind)}`;
  const plan = `${terraform} plan -input=false -out=plan.tfplan -detailed-exitcode${variables}`;
  return [
    `${terraform} init -input=false`,
    ...(usesSavedPlans ? [] : [plan]),
    `${terraform} apply -input=false plan.tfplan${usesSavedPlans ? "" : " (when the plan has changes)"}`,
  ];
}
