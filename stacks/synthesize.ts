import { App } from "cdktf";
import { RegistryStack } from "./registry-stack.ts";
import { ServiceStack } from "./service-stack.ts";
import type { StackConfig } from "./settings-schema.ts";

/** Writes the Terraform JSON of both stacks to `<outputFolder>/stacks/<stack name>/cdk.tf.json`. */
export function synthesize(config: StackConfig, outputFolder: string): void {
  const app = new App({ outdir: outputFolder });
  new RegistryStack(app, config);
  new ServiceStack(app, config);
  app.synth();
}
