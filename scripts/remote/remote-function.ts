import type { LambdaClient } from "@aws-sdk/client-lambda";
import type * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { askAws } from "../deploy/aws-failure.ts";
import { directResponseSchema } from "./answer-schema.ts";
import { invokeFunction } from "./invoke-function.ts";

/** One request and what came back. */
export interface Exchange {
  readonly statusCode: number;
  /** The body, parsed. */
  readonly body: unknown;
  /** From here and back. */
  readonly latencyMs: number;
  /** What AWS bills, by its own report; `undefined` where there is none. */
  readonly billedMs: number | undefined;
}

/** Sends a request to a function and waits for its answer. */
export type RemoteFunction = (event: unknown) => Promise<Exchange>;

/** What to call. */
export interface RemoteFunctionOptions {
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly alias: string;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * A function behind Lambda's Invoke API, on AWS or on this machine.
 *
 * @throws UserError when it cannot be reached, crashed, or answers in another shape
 */
export function createRemoteFunction(options: RemoteFunctionOptions): RemoteFunction {
  const { client, functionName, alias, now } = options;
  return async (event) => {
    const startedAt = now();
    const answer = await askAws(`invoking ${functionName}`, () =>
      invokeFunction({ client, functionName, qualifier: alias, event }),
    );
    const latencyMs = now() - startedAt;
    if (answer.functionError !== undefined) {
      throw new UserError(`${functionName} failed (${answer.functionError}): ${answer.payload}`);
    }
    const { statusCode, body } = responseOf(functionName, answer.payload);
    return {
      statusCode,
      body: JSON.parse(body),
      latencyMs,
      billedMs: answer.report?.billedMs,
    };
  };
}

function responseOf(functionName: string, text: string): z.infer<typeof directResponseSchema> {
  const result = directResponseSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new UserError(`${functionName} does not answer in the direct contract: ${text}`);
}
