import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { runChild } from "../cli/child-command.ts";

/** The oldest Terraform that the stacks ask for. */
const oldest = [1, 10] as const;
const whereToGet = `Get Terraform ${oldest.join(".")} or newer: https://developer.hashicorp.com/terraform/install`;

const versionSchema = z.object({ terraform_version: z.string() });

/** The version of Terraform. @throws UserError when it is missing or too old */
export async function requireTerraform(program: string): Promise<string> {
  const version = await versionOf(program);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return version;
  throw new UserError(`${program} is ${version}, which is too old. ${whereToGet}`);
}

async function versionOf(program: string): Promise<string> {
  try {
    const { stdout } = await runChild({
      program,
      arguments: ["version", "-json"],
      // Without it, Terraform asks its maker for news first.
      environment: { CHECKPOINT_DISABLE: "1" },
    });
    return versionSchema.parse(JSON.parse(stdout)).terraform_version;
  } catch (error) {
    if (error instanceof UserError) {
      throw new UserError(`${error.message}. ${whereToGet}`, { cause: error });
    }
    throw new UserError(`${program} does not tell its version. ${whereToGet}`, { cause: error });
  }
}
