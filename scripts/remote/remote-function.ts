import { LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { type Environment, readVariables } from "../../runtime/variables.ts";
import { liveAlias, resourceName } from "../../stacks/resource-names.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { askAws } from "../deploy/aws-failure.ts";
import { createDeploymentDependencies } from "../deploy/deployment-dependencies.ts";
import { directResponseSchema } from "./answer-schema.ts";
import { readDeployedFunction } from "./deployed-function.ts";
import { type FunctionAddress, invokeFunction } from "./invoke-function.ts";

/** One request and its response. */
export interface Exchange {
  readonly statusCode: number;
  /** The body, parsed. */
  readonly body: unknown;
  /** Round trip, in milliseconds. */
  readonly latencyMs: number;
  /** Milliseconds that AWS bills, by its own report; `undefined` where there is none. */
  readonly billedMs: number | undefined;
}

/** Sends a request to a function and waits for its response. */
export type RemoteFunction = (event: unknown, signal?: AbortSignal) => Promise<Exchange>;

/**
 * A function behind Lambda's Invoke API, on AWS or on this machine.
 *
 * @throws UserError when it cannot be reached, crashed, or answers in another shape
 */
export function createRemoteFunction(address: FunctionAddress): RemoteFunction {
  const { functionName } = address;
  return async (event, signal) => {
    const startedAt = performance.now();
    const answer = await askAws(`invoking ${functionName}`, () =>
      invokeFunction({ ...address, event, ...(signal && { signal }) }),
    );
    const latencyMs = performance.now() - startedAt;
    if (answer.functionError !== undefined) {
      throw new UserError(`${functionName} failed (${answer.functionError}): ${answer.payload}`);
    }
    const { statusCode, body } = responseOf(functionName, answer.payload);
    return { statusCode, body: JSON.parse(body), latencyMs, billedMs: answer.report?.billedMs };
  };
}

function responseOf(functionName: string, text: string) {
  const result = directResponseSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new UserError(`${functionName} does not answer in the direct contract: ${text}`);
}

const remoteSettings = z.object({
  ENDPOINT: z.url("must be an address such as http://127.0.0.1:9000").optional(),
});

/**
 * The deployed function by Terraform's outputs, or the server at `ENDPOINT`, which needs no
 * credentials, by the name that the configuration gives; and what to call it in messages.
 *
 * @throws UserError when nothing is deployed
 */
export async function connectRemote(config: StackConfig, environment: Environment) {
  const { ENDPOINT: endpoint } = readVariables(remoteSettings, environment);
  if (endpoint !== undefined) {
    const functionName = resourceName(config, "function");
    const client = localClient(config, endpoint);
    const call = createRemoteFunction({ client, functionName, qualifier: liveAlias });
    return { call, name: `${functionName} at ${endpoint}` };
  }
  const dependencies = createDeploymentDependencies(config, environment);
  const { function_name: functionName, alias: qualifier } =
    await readDeployedFunction(dependencies);
  const client = dependencies.clients.lambda;
  const call = createRemoteFunction({ client, functionName, qualifier });
  return { call, name: `${functionName}:${qualifier} in ${config.region}` };
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
