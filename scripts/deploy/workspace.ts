import { join } from "node:path";
import { type StackKind, stackName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { createTerraform, type Terraform } from "./terraform.ts";

/** Where stacks are synthesized to. */
export const outputFolder = "cdktf.out";

/** What Terraform and the image builder said. */
export const logFolder = "temp/logs";

/** The folder of a synthesized stack. */
export function stackFolder(config: StackConfig, kind: StackKind): string {
  return join(outputFolder, "stacks", stackName(config, kind));
}

/** Terraform on a synthesized stack. */
export function stackTerraform(config: StackConfig, kind: StackKind, program: string): Terraform {
  return createTerraform({
    program,
    folder: stackFolder(config, kind),
    logFile: join(logFolder, `${stackName(config, kind)}.log`),
  });
}
