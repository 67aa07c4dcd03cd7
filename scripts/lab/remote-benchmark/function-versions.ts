import {
  type LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { askAws } from "../../deploy/aws-failure.ts";

/** Dependencies of {@link publishVersion}. */
export interface VersionDependencies {
  /** Should retry what AWS throttles. */
  readonly client: LambdaClient;
  readonly functionName: string;
  readonly signal: AbortSignal;
}

/** Seconds to wait for a change, and for a version of a container image, with SnapStart above all. */
const waitSeconds = { update: 5 * 60, publish: 15 * 60 } as const;

/**
 * Publishes a new version of the function and waits until it can be invoked: its first invocation
 * is a cold start.
 *
 * @param description differs from the version before; AWS publishes nothing without a change
 * @returns the version's number
 * @throws UserError with AWS's reason
 */
export async function publishVersion(
  { client, functionName, signal }: VersionDependencies,
  description: string,
): Promise<string> {
  const named = { FunctionName: functionName };
  const waiter = { client, abortSignal: signal, minDelay: 1, maxDelay: 5 };
  return askAws(`publishing a version of ${functionName}`, async () => {
    await client.send(
      new UpdateFunctionConfigurationCommand({ ...named, Description: description }),
    );
    await waitUntilFunctionUpdatedV2({ ...waiter, maxWaitTime: waitSeconds.update }, named);
    const { Version = "" } = await client.send(new PublishVersionCommand(named));
    await waitUntilPublishedVersionActive(
      { ...waiter, maxWaitTime: waitSeconds.publish },
      { ...named, Qualifier: Version },
    );
    return Version;
  });
}
