import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { UserError } from "../../../model/user-error.ts";
import { askAws } from "../../deploy/aws-failure.ts";
import { type Changeable, type FunctionState, functionStateOf, isSame } from "./function-state.ts";
import { callPatiently, type Waiting, waitFor } from "./waiting.ts";

/** What is controlled, and how its answers are waited for. */
export interface FunctionControlOptions extends Waiting {
  readonly client: LambdaClient;
  /** A name or an ARN. */
  readonly functionName: string;
}

/** The control plane of one function. Every method throws a UserError with AWS's words. */
export interface FunctionControl {
  /** Whether there is such a function, alias or version. */
  exists(qualifier?: string): Promise<boolean>;
  /** `$LATEST`, an alias or a version, as it is when AWS is done with it or has failed. */
  settled(qualifier?: string): Promise<FunctionState>;
  /**
   * Changes `$LATEST` from what it must be now, and waits until that is done.
   *
   * @throws UserError when somebody else has changed it
   */
  change(from: Changeable, to: Changeable): Promise<void>;
  /** Publishes `$LATEST`, which must be as given, and waits until it can be called; its number. */
  publish(latest: Changeable): Promise<string>;
  deleteVersion(version: string): Promise<void>;
  /** Numbers of the versions whose description begins like this. */
  versionsDescribed(beginning: string): Promise<string[]>;
}

/** A container image's version may take minutes, one with SnapStart more. */
const limitMs = { change: 5 * 60_000, publish: 15 * 60_000 } as const;

/** The control plane of a function. */
export function createFunctionControl(options: FunctionControlOptions): FunctionControl {
  const { client, functionName } = options;
  const ask = <Answer>(what: string, call: () => Promise<Answer>) =>
    askAws(`${what} ${functionName}`, () => callPatiently(options, call));

  const read = async (qualifier?: string) => {
    const Qualifier = qualifier && { Qualifier: qualifier };
    return functionStateOf(
      await ask("reading the configuration of", () =>
        client.send(
          new GetFunctionConfigurationCommand({ FunctionName: functionName, ...Qualifier }),
        ),
      ),
    );
  };

  const settled = (qualifier?: string, limit: number = limitMs.change) =>
    waitFor(options, {
      what: `AWS to be done with ${functionName}${qualifier ? `:${qualifier}` : ""}`,
      limitMs: limit,
      async look() {
        const state = await read(qualifier);
        return state.progress.kind === "under-way" ? undefined : state;
      },
    });

  const latest = async (expected: Changeable) => {
    const state = await settled();
    if (isSame(state, expected)) return state;
    throw new UserError(
      `somebody else has changed ${functionName} meanwhile (memory, description or environment)`,
    );
  };

  return {
    exists: (qualifier) =>
      read(qualifier).then(
        () => true,
        (error: unknown) => {
          if (((error as Error).cause as Error)?.name === "ResourceNotFoundException") return false;
          throw error;
        },
      ),
    settled: (qualifier) => settled(qualifier),
    async change(from, to) {
      const { revisionId } = await latest(from);
      await ask("changing the configuration of", () =>
        client.send(
          new UpdateFunctionConfigurationCommand({
            FunctionName: functionName,
            ...updateOf(to),
            ...(revisionId && { RevisionId: revisionId }),
          }),
        ),
      );
      requireDone(await settled());
    },
    async publish(expected) {
      const { revisionId } = await latest(expected);
      const { Version = "", Description } = await ask("publishing a version of", () =>
        client.send(
          new PublishVersionCommand({
            FunctionName: functionName,
            Description: expected.description,
            ...(revisionId && { RevisionId: revisionId }),
          }),
        ),
      );
      // AWS gives back an older version when it sees no change: that one is not ours to delete.
      if (Description !== expected.description) {
        throw new UserError(`AWS published no new version of ${functionName}, but ${Version}`);
      }
      requireDone(await settled(Version, limitMs.publish));
      return Version;
    },
    async deleteVersion(version) {
      // Without a number, the whole function would be deleted.
      if (!/^\d+$/.test(version)) throw new RangeError(`not a version: ${version}`);
      await ask(`deleting version ${version} of`, () =>
        client.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version })),
      );
    },
    async versionsDescribed(beginning) {
      const versions: string[] = [];
      let Marker: string | undefined;
      do {
        const page = await ask("listing the versions of", () =>
          client.send(
            new ListVersionsByFunctionCommand({
              FunctionName: functionName,
              ...(Marker && { Marker }),
            }),
          ),
        );
        for (const { Version = "", Description = "" } of page.Versions ?? []) {
          if (Version !== "$LATEST" && Description.startsWith(beginning)) versions.push(Version);
        }
        Marker = page.NextMarker;
      } while (Marker);
      return versions;
    },
  };
}

/** @throws UserError when AWS has failed with it */
export function requireDone({ name, version, progress }: FunctionState): void {
  if (progress.kind !== "failed") return;
  throw new UserError(`AWS has failed with ${name}, version ${version}: ${progress.reason}`);
}

/** The fields of `aws lambda update-function-configuration`. */
export function updateOf({ memoryMiB, description, variables }: Changeable) {
  return {
    MemorySize: memoryMiB,
    Description: description,
    Environment: { Variables: { ...variables } },
  };
}
