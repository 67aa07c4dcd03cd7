import { basename } from "node:path";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { runChild } from "../cli/run-command.ts";

/** The oldest Terraform, and OpenTofu, that the stacks accept. */
const oldest = [1, 10] as const;

/** Where to get the programs. */
const pages = {
  Terraform: "https://developer.hashicorp.com/terraform/install",
  OpenTofu: "https://opentofu.org/docs/intro/install/",
};

/** The name of a program. */
export function programName(program: string): keyof typeof pages {
  return basename(program).startsWith("tofu") ? "OpenTofu" : "Terraform";
}

function whereToGet(program: string): string {
  const name = programName(program);
  return `Get ${name} ${oldest.join(".")} or newer: ${pages[name]}`;
}

/** OpenTofu names the field like Terraform. */
const versionSchema = z.object({ terraform_version: z.string() });

/** The version of Terraform or OpenTofu. @throws UserError when it is missing or too old */
export async function requireTerraform(program: string): Promise<string> {
  const version = await versionOf(program);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return version;
  throw new UserError(`${program} is ${version}, which is too old. ${whereToGet(program)}`);
}

async function versionOf(program: string): Promise<string> {
  try {
    // Without the variable, Terraform asks its maker for news first.
    const environment = { CHECKPOINT_DISABLE: "1" };
    const { stdout } = await runChild({ file: program, args: ["version", "-json"], environment });
    return versionSchema.parse(JSON.parse(stdout)).terraform_version;
  } catch (error) {
    const reason = error instanceof UserError ? error.message : `${program} reports no version`;
    throw new UserError(`${reason}. ${whereToGet(program)}`, { cause: error });
  }
}
