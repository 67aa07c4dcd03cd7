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

/** Origins, separated by commas. */
const origins = z
  .string()
  .transform((list) => list.split(",").map((origin) => origin.trim()))
  .pipe(
    z.array(
      z
        .string()
        .refine(
          isOrigin,
          "each must be an origin like https://example.com, without a path; `*` is not allowed",
        ),
    ),
  );

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** The engines there are: one process for each request, or one that stays. */
export const engineNames = ["llama-cli", "llama-server"] as const;

/** Lambda's `AWS_LAMBDA_INITIALIZATION_TYPE` where the function's version uses SnapStart. */
export const snapStart = "snap-start";

/** A function URL's invoke modes, as AWS names them. */
export const invokeModes = ["RESPONSE_STREAM", "BUFFERED"] as const;

/** Every environment variable the runtime reads. An empty one counts as not set. */
export const environmentSchema = z.object({
  BITNET_ENGINE: z
    .enum(engineNames)
    .default("llama-cli")
    .describe("`llama-cli` starts a process for each request; `llama-server` stays loaded."),
  BITNET_LLAMA_SERVER: nonEmpty
    .default("/opt/bitnet/bin/llama-server")
    .describe("Path of the resident engine, for `BITNET_ENGINE=llama-server`."),
  BITNET_LLAMA_CLI: nonEmpty
    .default("/opt/bitnet/bin/llama-cli")
    .describe("Path of the engine: llama-cli or a program with its command line."),
  BITNET_MODEL: nonEmpty
    .default("/opt/bitnet/model.gguf")
    .describe("Path of the model, a GGUF file."),
  BITNET_MODEL_NAME: nonEmpty
    .optional()
    .describe("Name of the model in responses; default: its file name."),
  BITNET_THREADS: wholeNumber(1, 256)
    .optional()
    .describe("Threads of the engine; default: one for each vCPU that the memory size brings."),
  BITNET_CONTEXT_TOKENS: wholeNumber(64, 4096)
    .default(4096)
    .describe(
      "Maximum context in tokens, prompt and answer together. The model was trained with 4096.",
    ),
  BITNET_DEADLINE_RESERVE_MS: wholeNumber(0, 60_000)
    .default(2000)
    .describe(
      "Milliseconds of the invocation's remaining time kept for stopping the engine and responding.",
    ),
  BITNET_KILL_DELAY_MS: wholeNumber(0, 60_000)
    .default(500)
    .describe("Milliseconds between SIGTERM and SIGKILL."),
  BITNET_LOG_LEVEL: z
    .enum(logLevels)
    .default("info")
    .describe("`error` omits the event that each answer logs."),
  BITNET_API_KEY_SHA256: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/,
      "must be the key's SHA-256 in 64 hex digits: printf %s KEY | sha256sum",
    )
    .optional()
    .describe(
      "SHA-256 of the API key that HTTP callers must send, never the key itself; not set: no key required.",
    ),
  BITNET_CORS_ORIGINS: origins
    .default([])
    .describe("Origins of web pages that may call the HTTP routes."),
  BITNET_URL_INVOKE_MODE: z
    .enum(invokeModes)
    .default("RESPONSE_STREAM")
    .describe(
      "Invoke mode of the function URL. Both must agree, because each mode has its own response format.",
    ),
  BITNET_SYSTEM_PROMPT: z
    .string()
    .max(16_384, "must have at most 16384 characters")
    .optional()
    .describe("Prepended to conversations without a system message."),
  BITNET_PROMPT_CACHE: nonEmpty
    .optional()
    .describe(
      "Path of the engine's state after the system prompt; set by images that contain one.",
    ),
  AWS_LAMBDA_INITIALIZATION_TYPE: nonEmpty
    .optional()
    .describe("Set by Lambda: `on-demand`, `provisioned-concurrency` or `snap-start`."),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber(1, 1_000_000)
    .optional()
    .describe("Set by Lambda: function memory in MB."),
});

/** The runtime's configuration, parsed once at start. */
export interface Config {
  readonly engine: (typeof engineNames)[number];
  readonly llamaCliPath: string;
  readonly llamaServerPath: string;
  readonly modelPath: string;
  readonly modelName: string;
  readonly threads: number | undefined;
  readonly contextTokens: number;
  readonly deadlineReserveMs: number;
  readonly killDelayMs: number;
  readonly logLevel: LogLevel;
  readonly apiKeySha256: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly urlInvokeMode: (typeof invokeModes)[number];
  readonly systemPrompt: string | undefined;
  readonly promptCachePath: string | undefined;
  readonly initializationType: string | undefined;
  readonly memoryMiB: number | undefined;
}

/** Where each value of a {@link Config} comes from, but for what Lambda sets itself. */
const variableOf = {
  engine: "BITNET_ENGINE",
  llamaCliPath: "BITNET_LLAMA_CLI",
  llamaServerPath: "BITNET_LLAMA_SERVER",
  modelPath: "BITNET_MODEL",
  modelName: "BITNET_MODEL_NAME",
  threads: "BITNET_THREADS",
  contextTokens: "BITNET_CONTEXT_TOKENS",
  deadlineReserveMs: "BITNET_DEADLINE_RESERVE_MS",
  killDelayMs: "BITNET_KILL_DELAY_MS",
  logLevel: "BITNET_LOG_LEVEL",
  apiKeySha256: "BITNET_API_KEY_SHA256",
  corsOrigins: "BITNET_CORS_ORIGINS",
  urlInvokeMode: "BITNET_URL_INVOKE_MODE",
  systemPrompt: "BITNET_SYSTEM_PROMPT",
  promptCachePath: "BITNET_PROMPT_CACHE",
} as const satisfies Record<
  Exclude<keyof Config, "initializationType" | "memoryMiB">,
  keyof typeof environmentSchema.shape
>;

const imagePaths = [
  "BITNET_LLAMA_CLI",
  "BITNET_LLAMA_SERVER",
  "BITNET_MODEL",
  "BITNET_PROMPT_CACHE",
] as const;

/** Variables that a deployer may set on the function: all but the paths, which the image knows. */
export const deployableVariables = Object.values(variableOf).filter(
  (name) => !imagePaths.some((path) => path === name),
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
    engine: variables.BITNET_ENGINE,
    llamaServerPath: variables.BITNET_LLAMA_SERVER,
    llamaCliPath: variables.BITNET_LLAMA_CLI,
    modelPath: variables.BITNET_MODEL,
    modelName: variables.BITNET_MODEL_NAME ?? basename(variables.BITNET_MODEL, ".gguf"),
    threads: variables.BITNET_THREADS,
    contextTokens: variables.BITNET_CONTEXT_TOKENS,
    deadlineReserveMs: variables.BITNET_DEADLINE_RESERVE_MS,
    killDelayMs: variables.BITNET_KILL_DELAY_MS,
    logLevel: variables.BITNET_LOG_LEVEL,
    apiKeySha256: variables.BITNET_API_KEY_SHA256,
    corsOrigins: variables.BITNET_CORS_ORIGINS,
    urlInvokeMode: variables.BITNET_URL_INVOKE_MODE,
    systemPrompt: variables.BITNET_SYSTEM_PROMPT,
    promptCachePath: variables.BITNET_PROMPT_CACHE,
    initializationType: variables.AWS_LAMBDA_INITIALIZATION_TYPE,
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
      : String(config[name]) === String(defaults[name]);
  const names = Object.keys(variableOf) as (keyof typeof variableOf)[];
  return Object.fromEntries(
    names
      .filter((name) => config[name] !== undefined && !isDefault(name))
      .map((name) => [variableOf[name], String(config[name])]),
  );
}

/** Who sets the key instead of its hash must not find it in the log. */
function isSecret(name: string): boolean {
  return name === "BITNET_API_KEY_SHA256" || name === "BITNET_SYSTEM_PROMPT";
}

function configInvalid(
  environment: Readonly<Record<string, string | undefined>>,
  issues: readonly z.core.$ZodIssue[],
): AppError {
  const problems = issues.map((issue) => {
    const path = issue.path.join(".");
    const value = isSecret(path) ? "" : `=${environment[path] ?? ""}`;
    return { path, message: `${path}${value}: ${issue.message}` };
  });
  const message = `configuration: ${problems.map((problem) => problem.message).join("; ")}`;
  return new AppError("config-invalid", message, { problems });
}
