import { basename } from "node:path";
import * as z from "zod";
import { AppError } from "./errors.ts";
import { type LogLevel, logLevels } from "./logger.ts";

/** A whole number in an environment variable, as text. */
const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(
      z
        .number()
        .min(minimum, `must be at least ${minimum}`)
        .max(maximum, `must be at most ${maximum}`),
    );

const nonEmpty = z.string().min(1, "must not be empty");

/** Every environment variable the runtime reads. An empty one counts as not set. */
const environmentSchema = z.object({
  /** The engine's executable: llama-cli or anything with its command line. */
  BITNET_LLAMA_CLI: nonEmpty.default("/opt/bitnet/bin/llama-cli"),
  /** The model, a GGUF file. */
  BITNET_MODEL: nonEmpty.default("/opt/bitnet/model.gguf"),
  /** What answers call the model; default: its file name. */
  BITNET_MODEL_NAME: nonEmpty.optional(),
  /** Engine threads; default: see `lambda-sizing.ts`. */
  BITNET_THREADS: wholeNumber(1, 256).optional(),
  /** Longest context, prompt and answer together, in tokens. The model was trained with 4096. */
  BITNET_CONTEXT_TOKENS: wholeNumber(64, 4096).default(4096),
  /** Time kept back from the invocation's remaining time to stop the engine and answer. */
  BITNET_DEADLINE_RESERVE_MS: wholeNumber(0, 60_000).default(2000),
  /** Time between SIGTERM and SIGKILL. */
  BITNET_KILL_DELAY_MS: wholeNumber(0, 60_000).default(500),
  /** `error` leaves out the line that each answer writes. */
  BITNET_LOG_LEVEL: z.enum(logLevels).default("info"),
  /** Set by Lambda: function memory in MB. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber(1, 1_000_000).optional(),
});

/** The runtime's configuration, parsed once at start. */
export interface Config {
  readonly llamaCliPath: string;
  readonly modelPath: string;
  readonly modelName: string;
  readonly threads: number | undefined;
  readonly contextTokens: number;
  readonly deadlineReserveMs: number;
  readonly killDelayMs: number;
  readonly logLevel: LogLevel;
  readonly memoryMiB: number | undefined;
}

/**
 * The environment as a frozen {@link Config}.
 *
 * @throws AppError `config-invalid` that lists every bad variable
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const isSet = ([, value]: [string, string | undefined]) => value !== undefined && value !== "";
  const result = environmentSchema.safeParse(
    Object.fromEntries(Object.entries(environment).filter(isSet)),
  );
  if (!result.success) throw configInvalid(environment, result.error.issues);
  const variables = result.data;
  return Object.freeze({
    llamaCliPath: variables.BITNET_LLAMA_CLI,
    modelPath: variables.BITNET_MODEL,
    modelName: variables.BITNET_MODEL_NAME ?? basename(variables.BITNET_MODEL, ".gguf"),
    threads: variables.BITNET_THREADS,
    contextTokens: variables.BITNET_CONTEXT_TOKENS,
    deadlineReserveMs: variables.BITNET_DEADLINE_RESERVE_MS,
    killDelayMs: variables.BITNET_KILL_DELAY_MS,
    logLevel: variables.BITNET_LOG_LEVEL,
    memoryMiB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  });
}

function configInvalid(
  environment: Readonly<Record<string, string | undefined>>,
  issues: readonly z.core.$ZodIssue[],
): AppError {
  const problems = issues.map((issue) => {
    const path = issue.path.join(".");
    return { path, message: `${path}=${environment[path] ?? ""}: ${issue.message}` };
  });
  const message = `configuration: ${problems.map((problem) => problem.message).join("; ")}`;
  return new AppError("config-invalid", message, { problems });
}
