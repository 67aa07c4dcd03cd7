import * as z from "zod";
import {
  deployableVariables,
  parseConfig as parseRuntimeConfig,
  type Config as RuntimeConfig,
} from "../runtime/config.ts";
import { AppError, type Problem } from "../runtime/errors.ts";
import { impossiblePairs } from "./conflicting-settings.ts";
import { environmentVariables, readEnvironment } from "./environment.ts";

/** Processor architectures of Lambda, by its own names. */
export const architectures = ["x86_64", "arm64"] as const;

/** Days that CloudWatch Logs can keep a log group. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
] as const;

const whole = (minimum: number, maximum: number, why = "") =>
  z
    .int("must be a whole number")
    .min(minimum, `at least ${minimum}${why}`)
    .max(maximum, `at most ${maximum}`);

const matching = (pattern: RegExp, what: string) => z.string().regex(pattern, `must be ${what}`);

const oneOf = <const Values extends readonly (string | number)[]>(values: Values) =>
  z.literal(values, `must be one of ${values.join(", ")}`);

const arn = (service: string) =>
  matching(new RegExp(`^arn:aws[a-z-]*:${service}:`), `an ARN, arn:aws:${service}:…`).optional();

/** What a deployer may set. Bounds are AWS's unless a message gives another reason. */
export const settingsSchema = z.strictObject({
  applicationName: matching(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "lower-case letters, digits and single hyphens, first a letter",
  ).max(28, "at most 28 characters, because AWS limits the names made of it to 64"),
  environmentSuffix: matching(/^[a-z0-9]+$/, "lower-case letters and digits").max(
    10,
    "at most 10 characters, because AWS limits the names made of it to 64",
  ),
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as us-east-1"),
  architecture: oneOf(architectures),
  memoryMiB: whole(1536, 10_240, ", because the model takes 1.0 to 1.5 GB"),
  timeoutSeconds: whole(10, 900),
  concurrencyLimit: whole(1, 100_000).optional(),
  snapStart: z.boolean("must be true or false"),
  provisionedConcurrency: whole(1, 10_000).optional(),
  functionUrl: oneOf(["off", "AWS_IAM", "NONE"]),
  functionUrlCallers: z.array(
    matching(/^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:.+)$/, "account ids or IAM ARNs"),
  ),
  corsOrigins: z.array(
    matching(/^https?:\/\/[^/*\s]+$/, "origins such as https://example.com, no wildcard"),
  ),
  logRetentionDays: oneOf(retentionDays),
  logKmsKeyArn: arn("kms"),
  alarmTopicArn: arn("sns"),
  keepImages: whole(2, 1000, ", so that one can go back"),
  tags: z.record(
    matching(/^(?!aws:)[\w .:/=+@-]{1,128}$/, "a tag name of AWS"),
    matching(/^[\w .:/=+@-]{0,256}$/, "a tag value of AWS"),
  ),
  stateBucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket's name").optional(),
  stateRegion: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as us-east-1").optional(),
  runtime: z.partialRecord(z.enum(deployableVariables), z.string()),
});

/** What `stacks/settings.ts` holds. */
export type Settings = z.input<typeof settingsSchema>;

/** The checked settings, with the environment's values in. */
export interface StackConfig extends Readonly<Omit<z.output<typeof settingsSchema>, "runtime">> {
  /** What the function shall run with; memory is Lambda's to say. */
  readonly runtime: RuntimeConfig;
}

/**
 * Settings and environment as one frozen configuration. An empty variable counts as not set.
 *
 * @throws AppError `config-invalid` that lists every bad value and every impossible pair
 */
export function parseStackConfig(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): StackConfig {
  const merged = readEnvironment(settings, environment);
  const result = settingsSchema.safeParse(merged, { reportInput: true });
  const runtime = parseRuntime(merged.runtime);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problemOf(issue, environment)),
    ...runtime.problems,
    ...impossiblePairs(merged),
  ];
  if (!result.success || runtime.config === undefined || problems.length > 0) {
    throw configInvalid(problems);
  }
  return Object.freeze({ ...result.data, runtime: runtime.config });
}

function parseRuntime(variables: Settings["runtime"]): {
  config?: RuntimeConfig;
  problems: readonly Problem[];
} {
  try {
    return { config: parseRuntimeConfig(variables), problems: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problems: error.details.problems ?? [] };
  }
}

/** `LAMBDA_MEMORY_SIZE=12000: at most 10240`, or the field's name where the file holds it. */
function problemOf(
  issue: z.core.$ZodIssue,
  environment: Readonly<Record<string, string | undefined>>,
): Problem {
  const [field = "", ...rest] = issue.path.map(String);
  const variable = environmentVariables.get(field)?.name ?? "";
  const sent = environment[variable];
  if (sent) return { path: variable, message: `${variable}=${sent}: ${issue.message}` };
  const path = [field, ...rest].join(".");
  const input = issue.input === undefined ? "" : ` = ${JSON.stringify(issue.input)}`;
  return { path, message: `stacks/settings.ts: ${path}${input}: ${issue.message}` };
}

function configInvalid(problems: readonly Problem[]): AppError {
  const lines = problems.map(({ message }) => `  ${message}`).join("\n");
  return new AppError("config-invalid", `the configuration cannot be deployed:\n${lines}`, {
    problems,
  });
}
