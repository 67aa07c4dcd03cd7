import type { Settings } from "./settings-schema.ts";

/**
 * What is deployed. Edit this file; the environment variable named beside a value wins over it
 * (see `stacks/settings-schema.ts` for what each may be).
 */
export const settings: Settings = {
  /** `APP_NAME`: first part of every resource's name. */
  applicationName: "bitnet-lambda",
  /** `ENV_SUFFIX`: second part; environments share nothing, not even Terraform's state. */
  environmentSuffix: "dev",
  /** `AWS_REGION` */
  region: "us-east-1",
  /**
   * `LAMBDA_ARCHITECTURE`: `x86_64` or `arm64`. x86_64, because its kernels are the ones upstream
   * is known to get right. At published speeds arm64 costs less a second and more a token: docs/cost.md.
   */
  architecture: "x86_64",
  /** `LAMBDA_MEMORY_SIZE`: MB. 3,008 is the most that a new AWS account may have. */
  memoryMiB: 3008,
  /** `LAMBDA_TIMEOUT`: seconds; an answer that is not ready by then is cut short. */
  timeoutSeconds: 300,
  /** `LAMBDA_CONCURRENCY_LIMIT`: reserved concurrency. A new AWS account has none to reserve. */
  concurrencyLimit: undefined,
  /** `LAMBDA_SNAPSTART`: start from a snapshot; cached snapshots and restores are billed. */
  snapStart: false,
  /** `LAMBDA_PROVISIONED_CONCURRENCY`: environments kept warm; billed while they wait. */
  provisionedConcurrency: undefined,
  /** `FUNCTION_URL`: `off`, `AWS_IAM`, or `NONE`, which asks for BITNET_API_KEY_SHA256 too. */
  functionUrl: "off",
  /** `FUNCTION_URL_CALLERS`: accounts or principals let in by AWS_IAM; none: this account. */
  functionUrlCallers: [],
  /** `CORS_ORIGINS`: web pages that may call the URL. */
  corsOrigins: [],
  /** `LOG_RETENTION_DAYS` */
  logRetentionDays: 14,
  /** `LOG_KMS_KEY_ARN`: encrypts the log group; the key's policy must let CloudWatch Logs use it. */
  logKmsKeyArn: undefined,
  /** `ALARM_TOPIC_ARN`: the SNS topic that alarms are sent to. */
  alarmTopicArn: undefined,
  /** `KEEP_IMAGES`: images kept in the registry, the newest first. */
  keepImages: 5,
  /** `TAGS`: `name=value,name=value` */
  tags: {},
  /** `STATE_BUCKET`: an S3 bucket for Terraform's state; not set: the folder `.state/`. */
  stateBucket: undefined,
  /** `STATE_REGION`: the bucket's region; not set: `region`. */
  stateRegion: undefined,
  /** The function's own variables by their names in `runtime/config.ts`. */
  runtime: {},
};
