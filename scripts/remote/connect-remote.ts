import { LambdaClient } from "@aws-sdk/client-lambda";
import { liveAlias, resourceName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { createAwsClients } from "../deploy/aws-clients.ts";
import { createDeploymentParts } from "../deploy/deployment-parts.ts";
import { readDeployedFunction } from "./deployed-function.ts";
import { createRemoteFunction, type RemoteFunction } from "./remote-function.ts";

/** A function to call, and its name for people. */
export interface Remote {
  readonly call: RemoteFunction;
  readonly name: string;
}

/**
 * The deployed function by Terraform's outputs, or what listens at `ENDPOINT`, by the name that the
 * configuration gives it; there, no credentials are needed.
 *
 * @throws UserError when nothing is deployed
 */
export async function connectRemote(
  config: StackConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Remote> {
  const now = () => performance.now();
  const { ENDPOINT: endpoint } = environment;
  if (endpoint) {
    const functionName = resourceName(config, "function");
    const client = localClient(config, endpoint);
    const call = createRemoteFunction({ client, functionName, alias: liveAlias, now });
    return { call, name: `${functionName} at ${endpoint}` };
  }
  const deployed = await readDeployedFunction(config, createDeploymentParts(config, environment));
  const { function_name: functionName, alias } = deployed;
  const client = createAwsClients(config).lambda;
  return {
    call: createRemoteFunction({ client, functionName, alias, now }),
    name: `${functionName}:${alias} in ${config.region}`,
  };
}

function localClient({ region, timeoutSeconds }: StackConfig, endpoint: string): LambdaClient {
  return new LambdaClient({
    region,
    endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutSeconds * 1000 },
  });
}
