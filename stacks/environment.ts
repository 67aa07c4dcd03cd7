import { deployableVariables } from "../runtime/config.ts";
import type { Settings } from "./settings-schema.ts";

/** An environment variable that wins over a setting, and how its text is read. */
interface EnvironmentVariable {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

const text = (name: string): EnvironmentVariable => ({ name, read: (value) => value });

/** What is no number stays text, for the message. */
const number = (name: string): EnvironmentVariable => ({
  name,
  read: (value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value),
});

const flags: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  "0": false,
  false: false,
};
const flag = (name: string): EnvironmentVariable => ({
  name,
  read: (value) => flags[value.toLowerCase()] ?? value,
});

const list = (name: string): EnvironmentVariable => ({ name, read: itemsOf });

const pairs = (name: string): EnvironmentVariable => ({
  name,
  read: (value) =>
    Object.fromEntries(
      itemsOf(value).map((item) => {
        const end = item.includes("=") ? item.indexOf("=") : item.length;
        return [item.slice(0, end), item.slice(end + 1)];
      }),
    ),
});

function itemsOf(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** The environment variable of each setting. */
export const environmentVariables: ReadonlyMap<string, EnvironmentVariable> = new Map(
  Object.entries({
    applicationName: text("APP_NAME"),
    environmentSuffix: text("ENV_SUFFIX"),
    region: text("AWS_REGION"),
    architecture: text("LAMBDA_ARCHITECTURE"),
    memoryMiB: number("LAMBDA_MEMORY_SIZE"),
    timeoutSeconds: number("LAMBDA_TIMEOUT"),
    concurrencyLimit: number("LAMBDA_CONCURRENCY_LIMIT"),
    snapStart: flag("LAMBDA_SNAPSTART"),
    provisionedConcurrency: number("LAMBDA_PROVISIONED_CONCURRENCY"),
    functionUrl: text("FUNCTION_URL"),
    functionUrlCallers: list("FUNCTION_URL_CALLERS"),
    corsOrigins: list("CORS_ORIGINS"),
    logRetentionDays: number("LOG_RETENTION_DAYS"),
    logKmsKeyArn: text("LOG_KMS_KEY_ARN"),
    alarmTopicArn: text("ALARM_TOPIC_ARN"),
    keepImages: number("KEEP_IMAGES"),
    tags: pairs("TAGS"),
    stateBucket: text("STATE_BUCKET"),
    stateRegion: text("STATE_REGION"),
  } satisfies Record<Exclude<keyof Settings, "runtime">, EnvironmentVariable>),
);

/** The settings with the environment's values in their place, not yet checked. */
export function readEnvironment(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const values = [...environmentVariables].flatMap(([field, { name, read }]) => {
    const value = environment[name];
    return value ? [[field, read(value)]] : [];
  });
  const runtime = deployableVariables.flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value]] : [];
  });
  return {
    ...settings,
    ...Object.fromEntries(values),
    runtime: { ...settings.runtime, ...Object.fromEntries(runtime) },
  };
}
