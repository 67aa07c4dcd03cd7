import { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias/index.js";
import {
  LambdaFunction,
  type LambdaFunctionConfig,
} from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { LambdaProvisionedConcurrencyConfig } from "@cdktf/provider-aws/lib/lambda-provisioned-concurrency-config/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { toEnvironment } from "../../runtime/config.ts";
import { liveAlias, resourceName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";

/** Dependencies of {@link InferenceFunction}. */
interface InferenceFunctionOptions {
  readonly config: StackConfig;
  readonly imageUri: string;
  readonly roleArn: string;
  readonly logGroupName: string;
  readonly deadLetterArn: string;
  readonly dependsOn: ITerraformDependable[];
}

/** The function, a published version for each change, and the alias `live` on the newest. */
export class InferenceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LambdaAlias;

  constructor(scope: Construct, id: string, options: InferenceFunctionOptions) {
    super(scope, id);
    const { config } = options;
    this.function = new LambdaFunction(this, "function", {
      functionName: resourceName(config, "function"),
      description: "BitNet b1.58: prompt in, text out",
      packageType: "Image",
      imageUri: options.imageUri,
      role: options.roleArn,
      architectures: [config.architecture],
      memorySize: config.memoryMiB,
      timeout: config.timeoutSeconds,
      publish: true,
      loggingConfig: {
        logFormat: "JSON",
        logGroup: options.logGroupName,
        applicationLogLevel: "INFO",
        systemLogLevel: "INFO",
      },
      deadLetterConfig: { targetArn: options.deadLetterArn },
      dependsOn: options.dependsOn,
      ...optionalArguments(config),
    });
    this.alias = new LambdaAlias(this, "alias", {
      name: liveAlias,
      functionName: this.function.functionName,
      functionVersion: this.function.version,
    });
    if (config.provisionedConcurrency !== undefined) {
      new LambdaProvisionedConcurrencyConfig(this, "provisioned", {
        functionName: this.function.functionName,
        qualifier: this.alias.name,
        provisionedConcurrentExecutions: config.provisionedConcurrency,
      });
    }
  }
}

/** Arguments that are absent by default. */
function optionalArguments(config: StackConfig): Partial<LambdaFunctionConfig> {
  const variables = toEnvironment(config.runtime);
  return {
    ...(Object.keys(variables).length > 0 && { environment: { variables } }),
    ...(config.concurrencyLimit !== undefined && {
      reservedConcurrentExecutions: config.concurrencyLimit,
    }),
    // Lambda takes snapshots of published versions only; the alias names one.
    ...(config.snapStart && { snapStart: { applyOn: "PublishedVersions" } }),
  };
}
