import { join } from "node:path";
import * as z from "zod";
import { type Environment, readVariables } from "../../runtime/variables.ts";
import { resourceName, type StackKind, stackName } from "../../stacks/resource-names.ts";
import { settings } from "../../stacks/settings.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { parseStackConfig } from "../../stacks/stack-config.ts";
import { chooseContainerTool } from "../build/image/container-tool.ts";
import { findProgramIn } from "../cli/find-program.ts";
import { createAwsClients } from "./aws-clients.ts";
import { ImageBuilder } from "./image-builder.ts";
import { ImageRegistry } from "./image-registry.ts";
import { logFolder, outputFolder, stackFolder, Terraform } from "./terraform.ts";
import { requireTerraform } from "./terraform-version.ts";

/** What a deployer can set about the tools. */
const toolSettings = z.object({
  /** `terraform`, or another program of its command line, such as `tofu`. */
  TERRAFORM: z.string().default("terraform"),
  /** docker, podman, finch or buildah; the first that works by default. */
  CONTAINER_TOOL: z.string().optional(),
  /** Another program with the command line of `scripts/image.ts`. */
  IMAGE_BUILDER: z.string().optional(),
  /** Apply the plans that `make plan` has saved, and no others. */
  SAVED_PLAN: z.string().optional(),
  /** Print Terraform's output while it runs. */
  VERBOSE: z.string().optional(),
  PATH: z.string().default(""),
});

type ToolSettings = z.output<typeof toolSettings>;

/**
 * The deployment that `stacks/settings.ts` and the environment describe.
 *
 * @throws AppError `config-invalid` that lists every bad setting
 */
export function configuredDeployment(environment: Environment): DeploymentDependencies {
  return createDeploymentDependencies(parseStackConfig(settings, environment), environment);
}

/** What the steps of a deployment use. */
export type DeploymentDependencies = ReturnType<typeof createDeploymentDependencies>;

/** A deployment with the real tools, or with those that the environment names. */
export function createDeploymentDependencies(config: StackConfig, environment: Environment) {
  const tools = readVariables(toolSettings, environment);
  const clients = createAwsClients(config);
  return {
    config,
    clients,
    registry: new ImageRegistry(clients.ecr, resourceName(config, "images")),
    builder: new ImageBuilder({
      command: tools.IMAGE_BUILDER
        ? [tools.IMAGE_BUILDER]
        : [process.execPath, "--import", "tsx", "scripts/image.ts"],
      architecture: config.architecture,
      runtime: config.runtime,
      logFile: join(logFolder, "image.log"),
    }),
    registryTerraform: stackTerraform(config, "registry", tools),
    serviceTerraform: stackTerraform(config, "service", tools),
    terraformProgram: tools.TERRAFORM,
    requireTerraform: () => requireTerraform(tools.TERRAFORM),
    requireContainerTool: async () => {
      const find = findProgramIn(tools.PATH);
      return (await chooseContainerTool(tools.CONTAINER_TOOL, find)).tool;
    },
    // Imported late, because CDKTF takes a second to load and a failed check should not wait for it.
    synthesize: async () => {
      const { synthesize } = await import("../../stacks/synthesize.ts");
      synthesize(config, outputFolder);
    },
    usesSavedPlans: tools.SAVED_PLAN !== undefined,
  };
}

function stackTerraform(config: StackConfig, kind: StackKind, tools: ToolSettings): Terraform {
  return new Terraform({
    program: tools.TERRAFORM,
    folder: stackFolder(config, kind),
    logFile: join(logFolder, `${stackName(config, kind)}.log`),
    isShown: tools.VERBOSE !== undefined,
  });
}
