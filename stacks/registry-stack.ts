import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { BaseStack } from "./base-stack.ts";
import { ImageRepository } from "./constructs/image-repository.ts";
import type { StackConfig } from "./settings-schema.ts";

/** The image registry: deployed first, because the function needs an image in it. */
export class RegistryStack extends BaseStack {
  constructor(scope: Construct, config: StackConfig) {
    super(scope, config, "registry");
    const repository = new ImageRepository(this, "images", config).repository;

    new TerraformOutput(this, "repository_name", { value: repository.name });
    new TerraformOutput(this, "repository_url", { value: repository.repositoryUrl });
  }
}
