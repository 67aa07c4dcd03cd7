import { AppError, type ErrorKind } from "../errors.ts";
import type { ChildExit } from "./child-process.ts";

/** What is known of a run that brought no answer. */
export type FailedRun = Pick<ChildExit, "exitCode" | "signal" | "startFailure" | "stderrTail">;

interface FailurePattern {
  readonly kind: ErrorKind;
  readonly matches: (run: FailedRun) => boolean;
  readonly message: string;
}

const startFailed =
  (...codes: string[]) =>
  (run: FailedRun) =>
    codes.includes(run.startFailure?.code ?? "");
const says = (pattern: RegExp) => (run: FailedRun) => pattern.test(run.stderrTail);

/** First match counts. The texts are the pinned engine's own: `tests/fixtures/recorded/`. */
const patterns: readonly FailurePattern[] = [
  {
    kind: "engine-missing",
    matches: startFailed("ENOENT", "ENOTDIR"),
    message: "the engine's executable is not there: check BITNET_LLAMA_CLI",
  },
  {
    kind: "engine-missing",
    matches: startFailed("EACCES", "ENOEXEC"),
    message:
      "the engine's executable cannot be run: check that BITNET_LLAMA_CLI is executable and built for this processor",
  },
  {
    kind: "engine-unavailable",
    matches: (run) => run.startFailure !== undefined,
    message: "the operating system could not start the engine",
  },
  {
    kind: "model-missing",
    matches: says(/gguf_init_from_file: failed to open/),
    message: "the model file cannot be opened: check BITNET_MODEL",
  },
  {
    kind: "model-invalid",
    matches: says(/error loading model|unable to load model/),
    message: "the model file is truncated, damaged or of another kind: fetch it again",
  },
  {
    kind: "engine-killed",
    matches: (run) => run.signal === "SIGKILL",
    message: "the engine was killed, most likely for want of memory: give the function more",
  },
];

/** A run of llama-cli that failed, as the error it means. */
export function engineFailure(run: FailedRun): AppError {
  const { exitCode, signal, stderrTail, startFailure } = run;
  const tooLong = /prompt is too long \((\d+) tokens, max (\d+)\)/.exec(stderrTail);
  if (tooLong) return contextExceeded(Number(tooLong[1]), Number(tooLong[2]));

  const pattern = patterns.find(({ matches }) => matches(run));
  const kind = pattern?.kind ?? (exitCode === 0 ? "engine-silent" : "engine-failed");
  return new AppError(kind, `${pattern?.message ?? otherMessage(run)} (${ending(run)})`, {
    exitCode,
    signal,
    stderrTail,
    cause: startFailure,
  });
}

function contextExceeded(promptTokens: number, maximumTokens: number): AppError {
  return new AppError(
    "context-exceeded",
    `the prompt has ${promptTokens} tokens, at most ${maximumTokens} fit: shorten it`,
    { promptTokens, maximumTokens },
  );
}

function otherMessage(run: FailedRun): string {
  if (run.exitCode === 0) return "the engine ended well but printed nothing";
  return run.signal === null ? "the engine failed" : "the engine crashed";
}

function ending({ exitCode, signal, startFailure }: FailedRun): string {
  if (startFailure) return startFailure.code ?? startFailure.message;
  return signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
}
