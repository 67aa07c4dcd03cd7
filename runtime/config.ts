import { basename } from "node:path";
import * as z from "zod";
import {
  type EngineName,
  type EnginePathVariable,
  engineNames,
  engines,
} from "./engine/engines.ts";
import { logLevels } from "./logger.ts";
import { type Environment, readVariables } from "./variables.ts";

/** A whole number in an environment variable, as text. */
const wholeNumber = (minimum: number, maximum: number) => {
  const number = z.number().min(minimum, `must be at least ${minimum}`);
  return z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(number.max(maximum, `must be at most ${maximum}`));
};

const nonEmpty = z.string().min(1, "must not be empty");

const origin = z
  .string()
  .refine(
    isOrigin,
    "each must be an origin like https://example.com, without a path; `*` is not allowed",
  );

/** Origins, separated by commas. */
const origins = z
  .string()
  .transform((list) => list.split(",").map((each) => each.trim()))
  .pipe(z.array(origin));

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** The variables that name the engines' programs. */
const programPaths = Object.fromEntries(
  engineNames.map((name) => {
    const { program, pathVariable } = engines[name];
    const path = nonEmpty.default(`/opt/bitnet/bin/${program}`);
    return [pathVariable, path.describe(`Path of ${program}, for \`BITNET_ENGINE=${name}\`.`)];
  }),
) as Readonly<Record<EnginePathVariable, z.ZodDefault<z.ZodString>>>;

/** Lambda's `AWS_LAMBDA_INITIALIZATION_TYPE` where the function's version uses SnapStart. */
export const snapStart = "snap-start";

/** A function URL's invoke modes, as AWS names them. */
export const invokeModes = ["RESPONSE_STREAM", "BUFFERED"] as const;

/** Bounds of `BITNET_CONTEXT_TOKENS`. */
export const contextBounds = { minimum: 64, maximum: 4096 } as const;

/** Every environment variable the runtime reads. An empty one counts as not set. */
export const environmentSchema = z.object({
  BITNET_ENGINE: z
    .enum(engineNames)
    .default("llama-cli")
    .describe("`llama-cli` starts a process for each request; `llama-server` stays loaded."),
  ...programPaths,
  BITNET_MODEL: nonEmpty
    .default("/opt/bitnet/model.gguf")
    .describe("Path of the model, a GGUF file."),
  BITNET_MODEL_NAME: nonEmpty
    .optional()
    .describe("Name of the model in responses; default: its file name."),
  BITNET_THREADS: wholeNumber(1, 256)
    .optional()
    .describe("Threads of the engine; default: one for each vCPU that the memory size brings."),
  BITNET_CONTEXT_TOKENS: wholeNumber(contextBounds.minimum, contextBounds.maximum)
    .default(contextBounds.maximum)
    .describe(
      "Maximum context in tokens, prompt and answer together; smaller where the function's memory holds less. The model was trained with 4096.",
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
  BITNET_FINGERPRINT: nonEmpty
    .optional()
    .describe("Names engine and model in answers, as `system_fingerprint`; set by images."),
  AWS_LAMBDA_INITIALIZATION_TYPE: nonEmpty
    .optional()
    .describe("Set by Lambda: `on-demand`, `provisioned-concurrency` or `snap-start`."),
  AWS_LAMBDA_FUNCTION_NAME: nonEmpty
    .optional()
    .describe("Set by Lambda: the function's name, by which its metrics are told apart."),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber(1, 1_000_000)
    .optional()
    .describe("Set by Lambda: function memory in MB."),
});

type Variables = z.output<typeof environmentSchema>;
type VariableTable = Readonly<Record<string, keyof Variables>>;

/** The variable of each value of a {@link Config} that a deployer may set on the function. */
const deployableVariableOf = {
  engine: "BITNET_ENGINE",
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
} as const satisfies VariableTable;

/** The variables that the image sets, besides the paths of the engines. */
const imageVariableOf = {
  modelPath: "BITNET_MODEL",
  promptCachePath: "BITNET_PROMPT_CACHE",
  fingerprint: "BITNET_FINGERPRINT",
} as const satisfies VariableTable;

/** The variables that Lambda sets. */
const lambdaVariableOf = {
  initializationType: "AWS_LAMBDA_INITIALIZATION_TYPE",
  memoryMiB: "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  functionName: "AWS_LAMBDA_FUNCTION_NAME",
} as const satisfies VariableTable;

const settableVariableOf = { ...deployableVariableOf, ...imageVariableOf } as const;
const variableOf = { ...settableVariableOf, ...lambdaVariableOf } as const;

type Values = {
  readonly [Field in keyof typeof variableOf]: Variables[(typeof variableOf)[Field]];
};

/** The runtime's configuration, parsed once at start: the values of {@link environmentSchema}. */
export interface Config extends Omit<Values, "corsOrigins"> {
  readonly modelName: string;
  readonly corsOrigins: readonly string[];
  /** Paths of the engines' programs. */
  readonly enginePaths: Readonly<Record<EngineName, string>>;
}

/** Variables that a deployer may set on the function: all but those that the image sets. */
export const deployableVariables = Object.values(deployableVariableOf);

/** Values that no message may quote: a key set in place of its hash must not reach the log. */
const secretVariables = ["BITNET_API_KEY_SHA256", "BITNET_SYSTEM_PROMPT"] as const;

/**
 * The environment as a frozen {@link Config}; an unknown `BITNET_` variable is refused as a misspelling.
 *
 * @throws AppError `config-invalid` that lists every bad variable
 */
export function parseConfig(environment: Environment): Config {
  const variables = readVariables(environmentSchema, environment, {
    secrets: secretVariables,
    prefixes: ["BITNET_"],
  });
  const enginePaths = Object.fromEntries(
    engineNames.map((name) => [name, variables[engines[name].pathVariable]]),
  ) as Record<EngineName, string>;
  const values = Object.fromEntries(
    Object.entries(variableOf).map(([field, name]) => [field, variables[name]]),
  ) as Values;
  const modelName = values.modelName ?? basename(values.modelPath, ".gguf");
  return Object.freeze({ ...values, modelName, enginePaths });
}

/**
 * The environment that {@link parseConfig} reads as this configuration. Defaults are left out, so that
 * the image's values apply and threads follow the function's memory.
 */
export function toEnvironment(config: Config): Record<string, string> {
  const defaults: Readonly<Record<string, unknown>> = {
    ...variablesOf(parseConfig({ [imageVariableOf.modelPath]: config.modelPath })),
    [imageVariableOf.modelPath]: parseConfig({}).modelPath,
  };
  return Object.fromEntries(
    Object.entries(variablesOf(config)).flatMap(([name, value]) =>
      value === undefined || String(value) === String(defaults[name])
        ? []
        : [[name, String(value)]],
    ),
  );
}

/** Values by variable, but for what Lambda sets itself. */
function variablesOf(config: Config): Readonly<Record<string, unknown>> {
  return Object.fromEntries([
    ...Object.entries(settableVariableOf).map(([field, name]) => [
      name,
      config[field as keyof Config],
    ]),
    ...engineNames.map((name) => [engines[name].pathVariable, config.enginePaths[name]]),
  ]);
}
