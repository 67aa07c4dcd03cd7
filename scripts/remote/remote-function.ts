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
import { invokeFunction } from "./invoke-function.ts";

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

/** What to call, and a clock in milliseconds. */
export interface RemoteFunctionOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly alias?: string;
  readonly now: () => number;
}

/**
 * A function behind Lambda's Invoke API, on AWS or on this machine.
 *
 * @throws UserError when it cannot be reached, crashed, or answers in another shape
 */
export function createRemoteFunction(options: RemoteFunctionOptions): RemoteFunction {
  const { client, functionName, alias: qualifier, now } = options;
  return async (event, signal) => {
    const startedAt = now();
    const optional = { ...(qualifier && { qualifier }), ...(signal && { signal }) };
    const answer = await askAws(`invoking ${functionName}`, () =>
      invokeFunction({ client, functionName, event, ...optional }),
    );
    const latencyMs = now() - startedAt;
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
  const now = () => performance.now();
  const { ENDPOINT: endpoint } = readVariables(remoteSettings, environment);
  if (endpoint !== undefined) {
    const functionName = resourceName(config, "function");
    const client = localClient(config, endpoint);
    const call = createRemoteFunction({ client, functionName, alias: liveAlias, now });
    return { call, name: `${functionName} at ${endpoint}` };
  }
  const dependencies = createDeploymentDependencies(config, environment);
  const { function_name: functionName, alias } = await readDeployedFunction(dependencies);
  const client = dependencies.clients.lambda;
  const call = createRemoteFunction({ client, functionName, alias, now });
  return { call, name: `${functionName}:${alias} in ${config.region}` };
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
