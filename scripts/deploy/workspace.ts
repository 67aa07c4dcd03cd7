import { join } from "node:path";
import { type StackKind, stackName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { Terraform } from "./terraform.ts";

/** Folder of the synthesized stacks. */
export const outputFolder = "cdktf.out";

/** Folder of the logs of Terraform and the image builder. */
export const logFolder = "temp/logs";

/** The folder of a synthesized stack. */
export function stackFolder(config: StackConfig, kind: StackKind): string {
  return join(outputFolder, "stacks", stackName(config, kind));
}

/** Terraform on a synthesized stack. */
export function stackTerraform(config: StackConfig, kind: StackKind, program: string): Terraform {
  return new Terraform({
    program,
    folder: stackFolder(config, kind),
    logFile: join(logFolder, `${stackName(config, kind)}.log`),
  });
}
