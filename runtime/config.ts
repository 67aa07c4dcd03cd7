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
  /** SHA-256 of the key that HTTP callers must send; not set: no key. Never the key itself. */
  BITNET_API_KEY_SHA256: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/,
      "must be the key's SHA-256 in 64 hex digits: printf %s KEY | sha256sum",
    )
    .optional(),
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
  readonly apiKeySha256: string | undefined;
  readonly memoryMiB: number | undefined;
}

/** Where each value of a {@link Config} comes from, but for what Lambda sets itself. */
const variableOf = {
  llamaCliPath: "BITNET_LLAMA_CLI",
  modelPath: "BITNET_MODEL",
  modelName: "BITNET_MODEL_NAME",
  threads: "BITNET_THREADS",
  contextTokens: "BITNET_CONTEXT_TOKENS",
  deadlineReserveMs: "BITNET_DEADLINE_RESERVE_MS",
  killDelayMs: "BITNET_KILL_DELAY_MS",
  logLevel: "BITNET_LOG_LEVEL",
  apiKeySha256: "BITNET_API_KEY_SHA256",
} as const satisfies Record<
  Exclude<keyof Config, "memoryMiB">,
  keyof typeof environmentSchema.shape
>;

/** Variables that a deployer may set on the function: all but the paths, which the image knows. */
export const deployableVariables = Object.values(variableOf).filter(
  (name) => name !== "BITNET_LLAMA_CLI" && name !== "BITNET_MODEL",
);

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
    apiKeySha256: variables.BITNET_API_KEY_SHA256,
    memoryMiB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  });
}

/**
 * The environment that {@link parseConfig} reads as this configuration. Values that are the
 * default are left out, so that what the image sets stays in force; so are threads unless they
 * are set, because the runtime derives them from the function's memory.
 */
export function toEnvironment(config: Config): Record<string, string> {
  const defaults = parseConfig({ BITNET_MODEL: config.modelPath });
  const isDefault = (name: keyof typeof variableOf) =>
    name === "modelPath"
      ? config.modelPath === parseConfig({}).modelPath
      : config[name] === defaults[name];
  const names = Object.keys(variableOf) as (keyof typeof variableOf)[];
  return Object.fromEntries(
    names
      .filter((name) => config[name] !== undefined && !isDefault(name))
      .map((name) => [variableOf[name], String(config[name])]),
  );
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
