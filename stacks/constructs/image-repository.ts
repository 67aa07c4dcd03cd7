import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository/index.js";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy/index.js";
import { Construct } from "constructs";
import { policyText } from "../policy-text.ts";
import { resourceName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";

/** The function's image repository: immutable tags, scan on push, encrypted, old images expire. */
export class ImageRepository extends Construct {
  readonly repository: EcrRepository;

  constructor(scope: Construct, id: string, config: StackConfig) {
    super(scope, id);
    this.repository = new EcrRepository(this, "repository", {
      name: resourceName(config, "images"),
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "AES256" }],
      // `make destroy` empties it, with consent; Terraform alone never deletes an image.
      forceDelete: false,
    });
    this.keepNewest(config.keepImages);
    this.letLambdaPull(config);
  }

  private keepNewest(count: number): void {
    const rule = {
      rulePriority: 1,
      description: `keep the newest ${count} images`,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: count },
      action: { type: "expire" },
    };
    new EcrLifecyclePolicy(this, "lifecycle", {
      repository: this.repository.name,
      policy: JSON.stringify({ rules: [rule] }),
    });
  }

  /** Without this policy, Lambda would write one itself, which requires more rights of the deployer. */
  private letLambdaPull(config: StackConfig): void {
    const partition = new DataAwsPartition(this, "partition").partition;
    const account = new DataAwsCallerIdentity(this, "account").accountId;
    const name = resourceName(config, "function");
    const functionArn = `arn:${partition}:lambda:${config.region}:${account}:function:${name}`;
    const statement = {
      Sid: "LambdaPullsImages",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Condition: { StringLike: { "aws:sourceArn": [functionArn, `${functionArn}:*`] } },
    };
    new EcrRepositoryPolicy(this, "policy", {
      repository: this.repository.name,
      policy: policyText(statement),
    });
  }
}
