import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { UserError } from "../../model/user-error.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { askAws } from "./aws-failure.ts";

/** Every AWS client that commands use. */
export interface AwsClients {
  readonly ecr: ECRClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
}

/** Milliseconds. A failing check should not take longer than five seconds. */
const connectionTimeout = 2000;

/** Clients for a region; credentials and AWS_ENDPOINT_URL come from the environment. */
export function createAwsClients({ region, timeoutSeconds }: StackConfig): AwsClients {
  const common = { region, maxAttempts: 2, requestHandler: { connectionTimeout } };
  // An answer may take as long as the function may run, and a retry would be billed again.
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

/** Id of the account of the current credentials. @throws UserError when none of them work */
export async function signedInAccount(client: STSClient): Promise<string> {
  const { Account = "" } = await askAws("AWS credentials", () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  return Account;
}

/**
 * Fails when the state belongs to another account: Terraform would not find its resources there,
 * create all of them again and lose track of the others.
 *
 * @param repositoryUrl `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` from the state; may be missing
 */
export function requireSameAccount(account: string, repositoryUrl: unknown): void {
  const owner = /^(\d{12})\./.exec(String(repositoryUrl))?.[1];
  if (owner === undefined || owner === account) return;
  throw new UserError(
    `this environment is in AWS account ${owner}, and you are signed in to ${account}: sign in to the other, or deploy another environment (ENV_SUFFIX=…)`,
  );
}
