import { AppError, type ErrorKind } from "../errors.ts";
import type { ChildExit } from "./child-process.ts";

/** What is known of a run that brought no answer. */
export type FailedRun = Pick<ChildExit, "exitCode" | "signal" | "startFailure" | "stderrTail"> & {
  /** It had been given a prompt. */
  readonly hasPrompt: boolean;
  /** It had printed some of an answer; absent for an engine that prints none. */
  readonly hasPrinted?: boolean;
  /** The memory in MiB that a prompt of so many tokens needs, where memory bounds the context. */
  readonly memoryMiBFor?: (promptTokens: number) => number | undefined;
};

interface FailurePattern {
  readonly kind: ErrorKind;
  readonly matches: (run: FailedRun) => boolean;
  /** It fails so only before it reads a prompt, even one that it has been given. */
  readonly isBeforePrompt?: boolean;
  /** `EXECUTABLE` stands for the variable that names the executable. */
  readonly message: string;
}

const startFailed =
  (...codes: string[]) =>
  (run: FailedRun) =>
    codes.includes(run.startFailure?.code ?? "");
const says = (pattern: RegExp) => (run: FailedRun) => pattern.test(run.stderrTail);

/** The first match counts. The texts are the pinned engine's: `tests/fixtures/recorded/`. */
const patterns: readonly FailurePattern[] = [
  {
    kind: "engine-missing",
    matches: startFailed("ENOENT", "ENOTDIR"),
    message: "the engine's executable is not there: check EXECUTABLE",
  },
  {
    kind: "engine-missing",
    matches: startFailed("EACCES", "ENOEXEC"),
    message:
      "the engine's executable cannot be run: check that EXECUTABLE is executable and built for this processor",
  },
  {
    kind: "engine-unavailable",
    matches: (run) => run.startFailure !== undefined,
    message: "the operating system could not start the engine",
  },
  {
    kind: "model-missing",
    matches: says(/gguf_init_from_file: failed to open/),
    isBeforePrompt: true,
    message: "the model file cannot be opened: check BITNET_MODEL",
  },
  {
    kind: "model-invalid",
    matches: says(/error loading model|unable to load model/),
    isBeforePrompt: true,
    message: "the model file is truncated, damaged or of another kind: fetch it again",
  },
  {
    kind: "engine-killed",
    matches: (run) => run.signal === "SIGKILL",
    message: "the engine was killed, most likely out of memory: give the function more",
  },
];

/**
 * The error that a failed run means.
 *
 * @param variable the environment variable that names the engine's program
 */
export function engineFailure(run: FailedRun, variable: string): AppError {
  const { exitCode, signal, stderrTail, startFailure } = run;
  const tooLong = /prompt is too long \((\d+) tokens, max (\d+)\)/.exec(stderrTail);
  if (tooLong) {
    const [promptTokens, maximumTokens] = tooLong.slice(1).map(Number) as [number, number];
    return contextExceeded({ promptTokens, maximumTokens }, run.memoryMiBFor?.(promptTokens));
  }

  const pattern = patterns.find(({ matches }) => matches(run));
  const isSilent = exitCode === 0 && !run.hasPrinted;
  const kind = pattern?.kind ?? (isSilent ? "engine-silent" : "engine-failed");
  const message = (pattern?.message ?? otherMessage(run)).replace("EXECUTABLE", variable);
  return new AppError(kind, `${message} (${ending(run)})`, {
    exitCode,
    signal,
    stderrTail,
    hasPrompt: run.hasPrompt && !pattern?.isBeforePrompt,
    cause: startFailure,
  });
}

/**
 * The error for a prompt that does not fit.
 *
 * @param memoryMiB the function's memory that would do, where memory bounds the context
 */
export function contextExceeded(
  lengths: { readonly promptTokens: number; readonly maximumTokens: number },
  memoryMiB?: number,
): AppError {
  const advice = memoryMiB === undefined ? "" : `, or give the function ${memoryMiB} MB of memory`;
  const { promptTokens, maximumTokens } = lengths;
  const message = `the prompt has ${promptTokens} tokens, at most ${maximumTokens} fit: shorten it${advice}`;
  return new AppError("context-exceeded", message, lengths);
}

/** The error for a grammar that the engine cannot read although `grammar.ts` found nothing wrong. */
export function grammarRefused(): AppError {
  const message = "cannot be used by the engine: simplify it";
  const problems = [{ path: "grammar", message }];
  return new AppError("request-invalid", `grammar: ${message}`, { problems });
}

function otherMessage({ exitCode, signal, hasPrinted }: FailedRun): string {
  if (exitCode === 0 && hasPrinted) return "the engine exited normally, but its answer has no end";
  if (exitCode === 0) return "the engine exited normally but printed nothing";
  return signal === null ? "the engine failed" : "the engine crashed";
}

function ending({ exitCode, signal, startFailure }: FailedRun): string {
  if (startFailure) return startFailure.code ?? startFailure.message;
  return signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
}
