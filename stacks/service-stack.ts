import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import type { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { Fn, TerraformOutput, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { BaseStack } from "./base-stack.ts";
import { BatchBucket } from "./batch/batch-bucket.ts";
import { BatchMachine } from "./batch/batch-machine.ts";
import { Alarms } from "./constructs/alarms.ts";
import { Dashboard } from "./constructs/dashboard.ts";
import { ExecutionRole } from "./constructs/execution-role.ts";
import { FunctionUrl } from "./constructs/function-url.ts";
import { InferenceFunction } from "./constructs/inference-function.ts";
import { globalName, resourceName } from "./resource-names.ts";
import type { StackConfig } from "./settings-schema.ts";

/** What `make batch` uses. */
interface Batch {
  readonly bucket: S3Bucket;
  readonly machine: SfnStateMachine;
}

/** Seconds that a failed asynchronous event is kept: the maximum of SQS. */
const deadLetterSeconds = 14 * 24 * 60 * 60;

/** The function with its role, logs, queue and alarms. The image is a Terraform variable. */
export class ServiceStack extends BaseStack {
  constructor(scope: Construct, config: StackConfig) {
    super(scope, config, "service");
    const imageUri = this.imageVariable();
    const logGroup = new CloudwatchLogGroup(this, "logs", {
      name: `/aws/lambda/${resourceName(config, "function")}`,
      retentionInDays: config.logRetentionDays,
      ...(config.logKmsKeyArn === undefined ? {} : { kmsKeyId: config.logKmsKeyArn }),
    });
    const deadLetters = new SqsQueue(this, "dead-letters", {
      name: resourceName(config, "dead-letters"),
      messageRetentionSeconds: deadLetterSeconds,
      sqsManagedSseEnabled: true,
    });
    const { role, policy } = new ExecutionRole(this, "execution", {
      name: globalName(config, "role"),
      logGroupArn: logGroup.arn,
      deadLetterArn: deadLetters.arn,
    });
    const inference = new InferenceFunction(this, "inference", {
      config,
      imageUri,
      roleArn: role.arn,
      logGroupName: logGroup.name,
      deadLetterArn: deadLetters.arn,
      dependsOn: [policy],
    });
    const url =
      config.functionUrl === "off"
        ? undefined
        : new FunctionUrl(this, "url", { config, alias: inference.alias }).url.functionUrl;
    const batch = config.batch === "on" ? this.createBatch(config, inference) : undefined;
    new Alarms(this, "alarms", { config, inference, batch });
    new Dashboard(this, "dashboard", { config, inference, batch });

    this.addOutputs({
      function_name: inference.function.functionName,
      function_arn: inference.function.arn,
      alias: inference.alias.name,
      function_version: inference.alias.functionVersion,
      function_url: url ?? "",
      log_group: logGroup.name,
      image: imageUri,
      dead_letter_queue: deadLetters.name,
      console: consoleLinks(config),
      batch_bucket: batch?.bucket.bucket ?? "",
      batch_state_machine: batch?.machine.arn ?? "",
    });
  }

  private createBatch(config: StackConfig, { alias }: InferenceFunction): Batch {
    const { bucket } = new BatchBucket(this, "batch-bucket", config);
    const { machine } = new BatchMachine(this, "batch", { config, alias, bucket });
    return { bucket, machine };
  }

  private imageVariable(): string {
    const variable = new TerraformVariable(this, "image_uri", {
      type: "string",
      nullable: false,
      description: "The image by digest: REPOSITORY@sha256:…; `make deploy` finds it.",
    });
    variable.addValidation({
      condition: Fn.can(Fn.regex("@sha256:[0-9a-f]{64}$", variable.value)),
      errorMessage: "The image must be named by its digest, because a tag says nothing of content.",
    });
    return variable.stringValue;
  }

  private addOutputs(outputs: Readonly<Record<string, string | Record<string, string>>>): void {
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
  }
}

/** Pages of the AWS console. */
function consoleLinks(config: StackConfig): Record<string, string> {
  const { region } = config;
  const home = `https://${region}.console.aws.amazon.com`;
  const functionName = resourceName(config, "function");
  // The console wants the slashes of a log group's name encoded twice, with $ for %.
  const logGroup = encodeURIComponent(encodeURIComponent(`/aws/lambda/${functionName}`));
  return {
    function: `${home}/lambda/home?region=${region}#/functions/${functionName}`,
    logs: `${home}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${logGroup.replaceAll("%", "$")}`,
    dashboard: `${home}/cloudwatch/home?region=${region}#dashboards/dashboard/${globalName(config, "dashboard")}`,
  };
}
