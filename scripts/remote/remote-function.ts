import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { askAws } from "../cloud/aws-failure.ts";
import { CommandError } from "../cloud/command-error.ts";

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

const responseSchema = z.object({ statusCode: z.number(), body: z.string() });

/**
 * A function behind Lambda's Invoke API, on AWS or on this machine.
 *
 * @throws CommandError when it cannot be reached, crashed, or answers in another shape
 */
export function createRemoteFunction(options: RemoteFunctionOptions): RemoteFunction {
  const { client, functionName, alias, now } = options;
  return async (event) => {
    const startedAt = now();
    const answer = await askAws(`invoking ${functionName}`, () =>
      client.send(
        new InvokeCommand({
          FunctionName: functionName,
          Qualifier: alias,
          LogType: "Tail",
          Payload: Buffer.from(JSON.stringify(event)),
        }),
      ),
    );
    const latencyMs = now() - startedAt;
    const text = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) {
      throw new CommandError(`${functionName} failed (${answer.FunctionError}): ${text}`);
    }
    const { statusCode, body } = responseOf(functionName, text);
    return {
      statusCode,
      body: JSON.parse(body),
      latencyMs,
      billedMs: billedMsOf(Buffer.from(answer.LogResult ?? "", "base64").toString()),
    };
  };
}

function responseOf(functionName: string, text: string): z.infer<typeof responseSchema> {
  const result = responseSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new CommandError(`${functionName} does not answer in the direct contract: ${text}`);
}

/** The billed time in the last lines of an invocation's log, in Lambda's JSON or text format. */
export function billedMsOf(logTail: string): number | undefined {
  const [, inJson, inText] =
    /"billedDurationMs":\s*([\d.]+)|Billed Duration: ([\d.]+) ms/.exec(logTail) ?? [];
  const milliseconds = inJson ?? inText;
  return milliseconds === undefined ? undefined : Number(milliseconds);
}
