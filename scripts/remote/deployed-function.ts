import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import type { DeploymentDependencies } from "../deploy/deployment-dependencies.ts";

/** Terraform's outputs of the service stack. */
const outputsSchema = z.object({
  function_name: z.string(),
  alias: z.string(),
  log_group: z.string(),
  function_url: z.string(),
  // Empty without BATCH=on.
  batch_bucket: z.string().default(""),
  batch_state_machine: z.string().default(""),
});

/**
 * The deployed function by Terraform's outputs.
 *
 * @throws UserError when this environment is not deployed, or its state cannot be read
 */
export async function readDeployedFunction(dependencies: DeploymentDependencies) {
  const { config } = dependencies;
  await dependencies.requireTerraform();
  await dependencies.synthesize();
  const values = await dependencies.serviceTerraform.outputsWithoutProvider();
  const outputs = outputsSchema.safeParse(values);
  if (outputs.success) return outputs.data;
  throw new UserError(
    `${config.applicationName} ${config.environmentSuffix} in ${config.region} is not deployed: \`make deploy\`, or select another by ENV_SUFFIX and AWS_REGION`,
  );
}
