import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { UserError } from "../../../model/user-error.ts";
import { type architectures, settingsSchema } from "../../../stacks/settings-schema.ts";

/** What a benchmark changes of a function, and puts back. */
export interface Changeable {
  readonly memoryMiB: number;
  readonly description: string;
  /** Environment variables in AWS's order; none where the function has none. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A function, or one version of it, as AWS describes it. */
export interface FunctionState extends Changeable {
  readonly name: string;
  readonly arn: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly architecture: (typeof architectures)[number];
  readonly timeoutSeconds: number;
  readonly isSnapStart: boolean;
  readonly revisionId: string | undefined;
  readonly progress: Progress;
}

/** Whether AWS is done with what it was asked for. */
export type Progress =
  | { readonly kind: "done" }
  | { readonly kind: "under-way" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * AWS's description in ours.
 *
 * @throws UserError when it cannot be read whole: what cannot be read cannot be put back
 */
export function functionStateOf(configuration: FunctionConfiguration): FunctionState {
  const { Environment, FunctionName = "" } = configuration;
  if (Environment?.Error !== undefined) {
    throw new UserError(
      `the environment variables of ${FunctionName} cannot be read, and so could not be put back: ${Environment.Error.Message}`,
    );
  }
  return {
    name: FunctionName,
    arn: unqualified(configuration.FunctionArn ?? ""),
    version: configuration.Version ?? "",
    architecture: settingsSchema.shape.architecture.parse(
      configuration.Architectures?.[0] ?? "x86_64",
    ),
    memoryMiB: configuration.MemorySize ?? 0,
    timeoutSeconds: configuration.Timeout ?? 0,
    description: configuration.Description ?? "",
    variables: Environment?.Variables ?? {},
    isSnapStart: configuration.SnapStart?.ApplyOn === "PublishedVersions",
    revisionId: configuration.RevisionId,
    progress: progressOf(configuration),
  };
}

/** Whether two have the same of all that a benchmark changes, variables in any order. */
export function isSame(one: Changeable, other: Changeable): boolean {
  const text = ({ memoryMiB, description, variables }: Changeable) =>
    JSON.stringify([memoryMiB, description, Object.entries(variables).toSorted()]);
  return text(one) === text(other);
}

function progressOf(configuration: FunctionConfiguration): Progress {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = configuration;
  if (State === "Failed") return { kind: "failed", reason: StateReason ?? "no reason given" };
  if (LastUpdateStatus === "Failed") {
    return { kind: "failed", reason: LastUpdateStatusReason ?? "no reason given" };
  }
  const isUnderWay = State === "Pending" || LastUpdateStatus === "InProgress";
  return { kind: isUnderWay ? "under-way" : "done" };
}

/** `arn:aws:lambda:us-east-1:123456789012:function:name`, without the version behind it. */
function unqualified(arn: string): string {
  return arn.split(":").slice(0, 7).join(":");
}
