import { GetFunctionCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { UserError } from "../../../model/user-error.ts";
import { liveAlias } from "../../../stacks/resource-names.ts";
import { askAws } from "../../deploy/aws-failure.ts";
import { createFunctionControl, requireDone } from "./function-control.ts";
import type { FunctionState } from "./function-state.ts";
import { benchmarkMark } from "./restore-function.ts";
import type { Waiting } from "./waiting.ts";

/** A function that may be measured. */
export interface MeasuredFunction {
  /** `$LATEST` before anything is changed. */
  readonly original: FunctionState;
  /** `sha256:…`; `undefined` for a function without an image. */
  readonly imageDigest: string | undefined;
}

/**
 * Reads a function, and changes nothing.
 *
 * @throws UserError when it is not there, or measuring it would reach its callers or another run
 */
export async function readMeasuredFunction(
  waiting: Waiting,
  client: LambdaClient,
  functionName: string,
): Promise<MeasuredFunction> {
  // Not patient: a wrong address or missing credentials shall be told at once.
  const { Code } = await askAws(`reading ${functionName}`, () =>
    client.send(new GetFunctionCommand({ FunctionName: functionName })),
  );
  const control = createFunctionControl({ ...waiting, client, functionName });
  const original = await control.settled();
  requireDone(original);
  if (original.description.startsWith(benchmarkMark)) {
    throw new UserError(
      `another run is measuring ${functionName}, or was killed ("${original.description}"): wait for it, or run it again where it ran, which puts the function back`,
    );
  }
  const isAliased = await control.exists(liveAlias);
  if (!isAliased || (await control.settled(liveAlias)).version === "$LATEST") {
    throw new UserError(
      `the alias ${liveAlias} of ${functionName} names no published version: its callers would get what is being measured. \`make deploy\` makes one`,
    );
  }
  return {
    original,
    imageDigest: /@(sha256:[0-9a-f]{64})$/.exec(Code?.ResolvedImageUri ?? "")?.[1],
  };
}
