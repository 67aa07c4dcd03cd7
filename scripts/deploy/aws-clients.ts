import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import type { StackConfig } from "../../stacks/settings-schema.ts";

/** Every AWS client that commands use. */
export interface AwsClients {
  readonly ecr: ECRClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
}

/** A check that fails must do so in under five seconds. */
const connectionTimeout = 2000;

/** Clients for a region; credentials and AWS_ENDPOINT_URL come from the environment. */
export function createAwsClients({ region, timeoutSeconds }: StackConfig): AwsClients {
  const common = { region, maxAttempts: 2, requestHandler: { connectionTimeout } };
  // An answer may take as long as the function may run, and asking twice would pay twice.
  const requestTimeout = (timeoutSeconds + 15) * 1000;
  return {
    ecr: new ECRClient(common),
    logs: new CloudWatchLogsClient(common),
    sts: new STSClient({ ...common, maxAttempts: 1 }),
    lambda: new LambdaClient({
      ...common,
      maxAttempts: 1,
      requestHandler: { connectionTimeout, requestTimeout },
    }),
  };
}
