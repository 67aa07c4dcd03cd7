import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { type InvocationReport, parseInvocationReport } from "./invocation-report.ts";

/** Which function to call. */
export interface FunctionAddress {
  readonly client: LambdaClient;
  readonly functionName: string;
  /** An alias or a version; the unpublished version by default. */
  readonly qualifier?: string;
}

/** A call of a function. */
interface Invocation extends FunctionAddress {
  readonly event: unknown;
  readonly signal?: AbortSignal;
}

/** What Lambda returns. */
export interface InvocationAnswer {
  /** What the function returned, or what it failed with: JSON text. */
  readonly payload: string;
  /** Set when the function failed or ran out of time; the payload says why. */
  readonly functionError: string | undefined;
  /** Lambda's own figures; `undefined` where it sends none. */
  readonly report: InvocationReport | undefined;
}

/** Calls a function and waits for its answer. Rejects as the AWS SDK does. */
export async function invokeFunction(invocation: Invocation): Promise<InvocationAnswer> {
  const { client, functionName, qualifier, event, signal } = invocation;
  const answer = await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      Qualifier: qualifier,
      LogType: "Tail",
      Payload: Buffer.from(JSON.stringify(event)),
    }),
    signal && { abortSignal: signal },
  );
  return {
    payload: Buffer.from(answer.Payload ?? []).toString(),
    functionError: answer.FunctionError,
    report: parseInvocationReport(Buffer.from(answer.LogResult ?? "", "base64").toString()),
  };
}
