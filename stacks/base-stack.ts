import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { LocalBackend, S3Backend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { namePrefix, type StackKind, stackName } from "./resource-names.ts";
import type { StackConfig } from "./settings-schema.ts";

/**
 * The AWS provider that Terraform installs. Newer than the 6.25.0 of the bindings, because
 * `aws_lambda_permission.invoked_via_function_url` came in 6.29.0
 * (https://github.com/hashicorp/terraform-provider-aws/issues/44829, read 2026-11).
 */
export const awsProviderVersion = "6.29.0";

/** Path from the folder in which Terraform runs to the root of the repository. */
const root = "../../..";

/** A stack with its provider, its default tags, and a Terraform state of its own. */
export abstract class BaseStack extends TerraformStack {
  constructor(scope: Construct, config: StackConfig, kind: StackKind) {
    super(scope, stackName(config, kind));
    const tags = {
      Application: config.applicationName,
      Environment: config.environmentSuffix,
      ManagedBy: "terraform",
      ...config.tags,
    };
    new AwsProvider(this, "aws", { region: config.region, defaultTags: [{ tags }] });
    this.addOverride("terraform.required_providers.aws.version", awsProviderVersion);
    // 1.10 is the first Terraform that locks S3 state without DynamoDB.
    this.addOverride("terraform.required_version", ">= 1.10");
    this.addBackend(config, kind);
  }

  private addBackend(config: StackConfig, kind: StackKind): void {
    const path = `${namePrefix(config)}/${config.region}/${kind}.tfstate`;
    if (config.stateBucket === undefined) {
      // CDKTF's default would be an absolute path.
      new LocalBackend(this, { path: `${root}/.state/${path}` });
      return;
    }
    new S3Backend(this, {
      bucket: config.stateBucket,
      key: path,
      region: config.stateRegion ?? config.region,
      encrypt: true,
    });
    this.addOverride("terraform.backend.s3.use_lockfile", true);
  }
}
