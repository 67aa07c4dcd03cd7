import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import type { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias/index.js";
import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine/index.js";
import { Construct } from "constructs";
import { logDeliveryActions, policyText } from "../policy-text.ts";
import { globalName, resourceName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";
import { batchDefinition } from "./definition.ts";

/** Dependencies of {@link BatchMachine}. */
interface BatchMachineOptions {
  readonly config: StackConfig;
  readonly alias: LambdaAlias;
  readonly bucket: S3Bucket;
}

/** The state machine that answers batches, its role and its log group. */
export class BatchMachine extends Construct {
  readonly machine: SfnStateMachine;

  constructor(scope: Construct, id: string, { config, alias, bucket }: BatchMachineOptions) {
    super(scope, id);
    const name = resourceName(config, "batch");
    const logs = new CloudwatchLogGroup(this, "logs", {
      // The prefix spares the account's policy for log deliveries, whose size AWS limits.
      name: `/aws/vendedlogs/states/${name}`,
      retentionInDays: config.logRetentionDays,
      ...(config.logKmsKeyArn === undefined ? {} : { kmsKeyId: config.logKmsKeyArn }),
    });
    const { role, policy } = this.createRole(config, alias, bucket);
    this.machine = new SfnStateMachine(this, "machine", {
      name,
      roleArn: role.arn,
      definition: JSON.stringify(
        batchDefinition({
          functionArn: alias.arn,
          bucketName: bucket.bucket,
          maxConcurrency: config.batchConcurrency,
          toleratedFailurePercentage: config.batchToleratedFailures,
        }),
      ),
      loggingConfiguration: {
        level: "ERROR",
        // Their data are prompts and answers.
        includeExecutionData: false,
        logDestination: `${logs.arn}:*`,
      },
      dependsOn: [policy],
    });
  }

  /** May invoke the function, read and write the bucket, run the children of its map, and log. */
  private createRole(config: StackConfig, alias: LambdaAlias, bucket: S3Bucket) {
    const partition = new DataAwsPartition(this, "partition").partition;
    const account = new DataAwsCallerIdentity(this, "account").accountId;
    const states = `arn:${partition}:states:${config.region}:${account}`;
    const name = resourceName(config, "batch");
    const role = new IamRole(this, "role", {
      name: globalName(config, "batch-role"),
      assumeRolePolicy: policyText({
        Effect: "Allow",
        Principal: { Service: "states.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      }),
    });
    const policy = new IamRolePolicy(this, "policy", {
      name: "answer-batches",
      role: role.name,
      policy: policyText(
        { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: alias.arn },
        { Effect: "Allow", Action: ["s3:GetObject"], Resource: `${bucket.arn}/*/batches-*.json` },
        { Effect: "Allow", Action: ["s3:PutObject"], Resource: `${bucket.arn}/*/results/*` },
        {
          Effect: "Allow",
          Action: ["states:StartExecution"],
          Resource: `${states}:stateMachine:${name}`,
        },
        {
          Effect: "Allow",
          Action: ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"],
          Resource: `${states}:execution:${name}/*`,
        },
        // The deliveries of a state machine's log have no ARN to name.
        { Effect: "Allow", Action: logDeliveryActions, Resource: "*" },
      ),
    });
    return { role, policy };
  }
}
