import { join } from "node:path";
import { resourceName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { chooseContainerTool } from "../build/image/container-tool.ts";
import { findProgramIn } from "../cli/find-program.ts";
import { endsWell } from "../cli/run-command.ts";
import { createAwsClients } from "./aws-clients.ts";
import type { DeploymentParts } from "./deployment.ts";
import { createImageBuilder } from "./image-builder.ts";
import { createImageRegistry } from "./image-registry.ts";
import { requireTerraform } from "./terraform-version.ts";
import { logFolder, outputFolder, stackTerraform } from "./workspace.ts";

/** What builds images unless `IMAGE_BUILDER` names another program of the same command line. */
const defaultBuilder = ["node", "--import", "tsx", "scripts/image.ts"] as const;

/** A deployment on the real tools, or on those that the environment names. */
export function createDeploymentParts(
  config: StackConfig,
  environment: Readonly<Record<string, string | undefined>>,
): DeploymentParts {
  const terraformProgram = environment.TERRAFORM || "terraform";
  const clients = createAwsClients(config);
  return {
    config,
    sts: clients.sts,
    registry: createImageRegistry(clients.ecr, resourceName(config, "images")),
    builder: createImageBuilder({
      command: environment.IMAGE_BUILDER ? [environment.IMAGE_BUILDER] : defaultBuilder,
      architecture: config.architecture,
      runtime: config.runtime,
      logFile: join(logFolder, "image.log"),
    }),
    registryTerraform: stackTerraform(config, "registry", terraformProgram),
    serviceTerraform: stackTerraform(config, "service", terraformProgram),
    terraformProgram,
    requireTerraform: () => requireTerraform(terraformProgram),
    requireContainerTool: async () => {
      const find = findProgramIn(environment.PATH ?? "");
      const probe = (file: string, args: readonly string[]) => endsWell({ file, args });
      return (await chooseContainerTool(environment.CONTAINER_TOOL || undefined, find, probe)).tool;
    },
    // Loaded when needed only: CDKTF takes a second, and a failed check shall not wait for it.
    synthesize: async () => {
      const { synthesize } = await import("../../stacks/synthesize.ts");
      synthesize(config, outputFolder);
    },
    usesSavedPlans: Boolean(environment.SAVED_PLAN),
  };
}
