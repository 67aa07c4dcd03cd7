import * as z from "zod";
import { deployableVariables, type Config as RuntimeConfig } from "../runtime/config.ts";
import {
  asBoolean,
  asList,
  asNumber,
  asPairs,
  settingVariables as variables,
  variablesOf,
} from "./setting-variables.ts";

/** Processor architectures, as Lambda names them. */
export const architectures = ["x86_64", "arm64"] as const;

/** Retention periods that CloudWatch Logs offers, in days. */
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
  matching(new RegExp(`^arn:aws[a-z-]*:${service}:`), `an ARN, arn:aws:${service}:…`);

const region = () => matching(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as us-east-1");

const nameLimit = (length: number) =>
  `at most ${length} characters, because AWS limits the names made of it to 64`;

/**
 * The settings: for each its type and bounds, the environment variable that overrides it, and its
 * meaning. Bounds are AWS's unless a message gives another reason.
 */
export const settingsSchema = z.strictObject({
  applicationName: matching(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    "lower-case letters, digits and single hyphens, first a letter",
  )
    .max(28, nameLimit(28))
    .register(variables, { variable: "APP_NAME", meaning: "First part of every resource name." }),
  environmentSuffix: matching(/^[a-z0-9]+$/, "lower-case letters and digits")
    .max(10, nameLimit(10))
    .register(variables, {
      variable: "ENV_SUFFIX",
      meaning:
        "Second part of every resource name. Environments share nothing, not even Terraform's state.",
    }),
  region: region().register(variables, {
    variable: "AWS_REGION",
    meaning: "Region of all resources.",
  }),
  architecture: oneOf(architectures).register(variables, {
    variable: "LAMBDA_ARCHITECTURE",
    meaning:
      "The engine's x86_64 kernels are the ones known to be correct. At published speeds, arm64 costs less per second and more per token ([cost.md](cost.md)).",
  }),
  memoryMiB: whole(1024, 10_240, ", because the model takes 0.9 to 1.5 GB").register(variables, {
    variable: "LAMBDA_MEMORY_SIZE",
    read: asNumber,
    meaning: "Memory in MB. New AWS accounts are limited to 3,008.",
  }),
  timeoutSeconds: whole(10, 900).register(variables, {
    variable: "LAMBDA_TIMEOUT",
    read: asNumber,
    meaning: "Timeout in seconds. An answer that takes longer is cut short.",
  }),
  concurrencyLimit: whole(1, 100_000).optional().register(variables, {
    variable: "LAMBDA_CONCURRENCY_LIMIT",
    read: asNumber,
    meaning: "Reserved concurrency. New AWS accounts have none to reserve.",
  }),
  snapStart: z.boolean("must be true or false").register(variables, {
    variable: "LAMBDA_SNAPSTART",
    read: asBoolean,
    meaning: "Starts from a snapshot. Cached snapshots and restores are billed.",
  }),
  provisionedConcurrency: whole(1, 10_000).optional().register(variables, {
    variable: "LAMBDA_PROVISIONED_CONCURRENCY",
    read: asNumber,
    meaning: "Execution environments kept warm, billed also while idle.",
  }),
  functionUrl: oneOf(["off", "AWS_IAM", "NONE"]).register(variables, {
    variable: "FUNCTION_URL",
    meaning:
      "`AWS_IAM` accepts signed requests only. `NONE` is public and requires `BITNET_API_KEY_SHA256`.",
  }),
  functionUrlCallers: z
    .array(matching(/^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:.+)$/, "account ids or IAM ARNs"))
    .register(variables, {
      variable: "FUNCTION_URL_CALLERS",
      read: asList,
      meaning: "Accounts or principals that `AWS_IAM` lets in; none: this account.",
    }),
  corsOrigins: z
    .array(matching(/^https?:\/\/[^/*\s]+$/, "origins such as https://example.com, no wildcard"))
    .register(variables, {
      variable: "CORS_ORIGINS",
      read: asList,
      meaning: "Origins of web pages that may call the function URL.",
    }),
  logRetentionDays: oneOf(retentionDays).register(variables, {
    variable: "LOG_RETENTION_DAYS",
    read: asNumber,
    meaning: "Days that logs are kept.",
  }),
  logKmsKeyArn: arn("kms").optional().register(variables, {
    variable: "LOG_KMS_KEY_ARN",
    meaning:
      "KMS key that encrypts the log group. Its policy must allow CloudWatch Logs to use it.",
  }),
  alarmTopicArn: arn("sns").optional().register(variables, {
    variable: "ALARM_TOPIC_ARN",
    meaning: "SNS topic that alarms are sent to.",
  }),
  batch: oneOf(["off", "on"]).register(variables, {
    variable: "BATCH",
    meaning:
      "`on` deploys a bucket and a state machine for `make batch` ([batch.md](batch.md)); both cost only what is used.",
  }),
  batchConcurrency: whole(1, 1000).register(variables, {
    variable: "BATCH_CONCURRENCY",
    read: asNumber,
    meaning: "Batches answered at once. New AWS accounts run 10 functions at once.",
  }),
  batchToleratedFailures: whole(0, 100).register(variables, {
    variable: "BATCH_TOLERATED_FAILURES",
    read: asNumber,
    meaning: "Percentage of batches that may fail before a run stops.",
  }),
  batchRetentionDays: whole(1, 365).register(variables, {
    variable: "BATCH_RETENTION_DAYS",
    read: asNumber,
    meaning: "Days that prompts and answers of batches are kept in the bucket.",
  }),
  keepImages: whole(2, 1000, ", so that a rollback is possible").register(variables, {
    variable: "KEEP_IMAGES",
    read: asNumber,
    meaning: "Number of images kept in the registry, the newest ones.",
  }),
  tags: z
    .record(
      matching(/^(?!aws:)[\w .:/=+@-]{1,128}$/, "a tag name of AWS"),
      matching(/^[\w .:/=+@-]{0,256}$/, "a tag value of AWS"),
    )
    .register(variables, {
      variable: "TAGS",
      read: asPairs,
      meaning: "Tags added to every resource.",
    }),
  stateBucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an S3 bucket's name")
    .optional()
    .register(variables, {
      variable: "STATE_BUCKET",
      meaning: "S3 bucket for Terraform's state; not set: the local folder `.state/`.",
    }),
  stateRegion: region().optional().register(variables, {
    variable: "STATE_REGION",
    meaning: "Region of the bucket; not set: `AWS_REGION`.",
  }),
  runtime: z.partialRecord(z.enum(deployableVariables), z.string()),
});

/** The environment variable of each setting but `runtime`, whose keys are variables themselves. */
export const environmentVariables = variablesOf(settingsSchema);

/** The values in `stacks/settings.ts`. */
export type Settings = z.input<typeof settingsSchema>;

/** The checked settings, overridden by the environment. */
export interface StackConfig extends Readonly<Omit<z.output<typeof settingsSchema>, "runtime">> {
  /** The function's own configuration, without the memory, which Lambda reports. */
  readonly runtime: RuntimeConfig;
}
