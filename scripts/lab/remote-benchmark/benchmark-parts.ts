import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { Ask } from "../../cli/consent.ts";
import { createFunctionControl, type FunctionControl } from "./function-control.ts";
import type { OriginalNote } from "./original-note.ts";
import type { Waiting } from "./waiting.ts";

/** What the command stands on; the signal is aborted by Ctrl-C. */
export interface RemoteBenchmarkParts extends Waiting {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly region: string;
  /** The deployed function's name, by Terraform. */
  readonly findFunctionName: () => Promise<string>;
  /** A client whose calls may take as long as a function's time limit, and are made once. */
  readonly createClient: (options: ClientOptions) => LambdaClient;
  /** Where the original is noted while it is changed. */
  readonly notePath: string;
  readonly processId: number;
  /** Whether a process of this machine runs. */
  readonly isRunning: (processId: number) => boolean;
  readonly newRunId: () => string;
  /** `undefined` where nobody can be asked. */
  readonly ask: Ask | undefined;
  readonly writeLine: (line: string) => void;
  /** Date and commit, for the report. */
  readonly describeRun: () => { readonly date: string; readonly commit: string };
}

/** Where a client calls, and how long an answer may take. */
export interface ClientOptions {
  readonly region: string;
  readonly timeoutSeconds: number;
}

/** A client for questions about a function, which need none of the function's own time. */
export function controlClient({ createClient }: RemoteBenchmarkParts, region: string) {
  return createClient({ region, timeoutSeconds: 0 });
}

/** Control of a noted function that Ctrl-C does not end: what was changed has to be put back. */
export function restoringControl(parts: RemoteBenchmarkParts, note: OriginalNote): FunctionControl {
  return createFunctionControl({
    clock: parts.clock,
    signal: new AbortController().signal,
    client: controlClient(parts, note.region),
    functionName: note.functionArn,
  });
}
