import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { requireTerraform } from "../deploy/terraform.ts";
import { stackTerraform } from "../deploy/workspace.ts";

/** What Terraform's outputs tell of the function. */
const outputsSchema = z.object({
  function_name: z.string(),
  alias: z.string(),
  log_group: z.string(),
  function_url: z.string(),
});

/** The deployed function. */
export type DeployedFunction = z.infer<typeof outputsSchema>;

/**
 * The function by Terraform's outputs.
 *
 * @throws UserError when this environment is not deployed, or its state is not reached
 */
export async function readDeployedFunction(
  config: StackConfig,
  { terraformProgram, synthesize }: { terraformProgram: string; synthesize: () => Promise<void> },
): Promise<DeployedFunction> {
  await requireTerraform(terraformProgram);
  await synthesize();
  const terraform = stackTerraform(config, "service", terraformProgram);
  // A folder that was deployed from is initialized already; elsewhere the state may be in S3.
  const values = await terraform.outputs().catch(async () => {
    await terraform.init();
    return terraform.outputs();
  });
  const outputs = outputsSchema.safeParse(values);
  if (outputs.success) return outputs.data;
  throw new UserError(
    `${config.applicationName} ${config.environmentSuffix} in ${config.region} is not deployed: \`make deploy\`, or name another by ENV_SUFFIX and AWS_REGION`,
  );
}
