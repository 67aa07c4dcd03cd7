import { AppError } from "../../../runtime/errors.ts";
import { settings } from "../../../stacks/settings.ts";
import { environmentVariables, settingsSchema } from "../../../stacks/settings-schema.ts";
import { parseStackConfig } from "../../../stacks/stack-config.ts";
import { stackConfig } from "../../helpers/stack-config.ts";

function messageOf(environment: Record<string, string>, changed: object = {}): string {
  try {
    parseStackConfig({ ...settings, ...changed }, environment);
  } catch (error) {
    if (error instanceof AppError && error.kind === "config-invalid") return error.message;
    throw error;
  }
  return "";
}

const keySha256 = "a".repeat(64);

describe("parseStackConfig", () => {
  it("has defaults that deploy on a new AWS account", () => {
    const config = stackConfig();

    expect(config).toMatchObject({
      applicationName: "bitnet-lambda",
      environmentSuffix: "dev",
      region: "us-east-1",
      architecture: "x86_64",
      memoryMiB: 3008,
      concurrencyLimit: undefined,
      provisionedConcurrency: undefined,
      snapStart: false,
      functionUrl: "off",
      stateBucket: undefined,
    });
  });

  it.each([
    ["APP_NAME", "my-llm", "applicationName", "my-llm"],
    ["ENV_SUFFIX", "prod", "environmentSuffix", "prod"],
    ["AWS_REGION", "eu-central-1", "region", "eu-central-1"],
    ["LAMBDA_ARCHITECTURE", "arm64", "architecture", "arm64"],
    ["LAMBDA_MEMORY_SIZE", "4096", "memoryMiB", 4096],
    ["LAMBDA_TIMEOUT", "60", "timeoutSeconds", 60],
    ["LAMBDA_CONCURRENCY_LIMIT", "5", "concurrencyLimit", 5],
    ["LAMBDA_SNAPSTART", "true", "snapStart", true],
    ["LAMBDA_PROVISIONED_CONCURRENCY", "2", "provisionedConcurrency", 2],
    ["FUNCTION_URL", "AWS_IAM", "functionUrl", "AWS_IAM"],
    ["LOG_RETENTION_DAYS", "30", "logRetentionDays", 30],
    ["LOG_KMS_KEY_ARN", "arn:aws:kms:a:1:key/x", "logKmsKeyArn", "arn:aws:kms:a:1:key/x"],
    ["ALARM_TOPIC_ARN", "arn:aws:sns:a:1:t", "alarmTopicArn", "arn:aws:sns:a:1:t"],
    ["KEEP_IMAGES", "9", "keepImages", 9],
    ["TAGS", "team=ml, cost center=42", "tags", { team: "ml", "cost center": "42" }],
    ["STATE_BUCKET", "my-state", "stateBucket", "my-state"],
  ])("%s=%s wins over the file", (name, value, field, expected) => {
    const config = stackConfig({ [name]: value });

    expect(config).toHaveProperty(field, expected);
  });

  it("reads lists that need another setting", () => {
    const config = stackConfig({
      FUNCTION_URL: "AWS_IAM",
      FUNCTION_URL_CALLERS: "123456789012,arn:aws:iam::123456789012:role/caller",
      CORS_ORIGINS: "https://a.example, http://localhost:3000",
      STATE_BUCKET: "my-state",
      STATE_REGION: "eu-west-1",
    });

    expect(config).toMatchObject({
      functionUrlCallers: ["123456789012", "arn:aws:iam::123456789012:role/caller"],
      corsOrigins: ["https://a.example", "http://localhost:3000"],
      stateRegion: "eu-west-1",
    });
  });

  it("passes on the function's own variables, but not this machine's paths", () => {
    const config = stackConfig({
      BITNET_CONTEXT_TOKENS: "1024",
      BITNET_MODEL: "/home/me/model.gguf",
      BITNET_LLAMA_CLI: "/home/me/llama-cli",
    });

    expect(config.runtime).toMatchObject({
      contextTokens: 1024,
      modelPath: "/opt/bitnet/model.gguf",
      enginePaths: { "llama-cli": "/opt/bitnet/bin/llama-cli" },
    });
  });

  it("has a variable for every setting", () => {
    expect([...environmentVariables.keys(), "runtime"]).toEqual(Object.keys(settingsSchema.shape));
  });

  it.each([
    ["LAMBDA_MEMROY_SIZE", "LAMBDA_MEMORY_SIZE"],
    ["LAMBDA_ARCHITECTURES", "LAMBDA_ARCHITECTURE"],
    ["FUNCTION_UR", "FUNCTION_URL"],
    ["ENV_SUFIX", "ENV_SUFFIX"],
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["BITNET_CONTEXT_TOKEN", "BITNET_CONTEXT_TOKENS"],
  ])("refuses the misspelt variable %s", (name, known) => {
    expect(messageOf({ [name]: "1" })).toBe(
      `the configuration cannot be deployed:\n  ${name} is not a known setting: did you mean ${known}?`,
    );
  });

  it("refuses an unknown variable with the runtime's prefix", () => {
    expect(messageOf({ BITNET_QUANTUM: "1" })).toContain(
      "BITNET_QUANTUM is not a known setting; unset it",
    );
  });

  it.each([
    "AWS_REGIO",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "FUNCTION",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LOG_LEVEL",
    "STATE",
    "TAG",
  ])("leaves %s to the programs that read it", (name) => {
    expect(messageOf({ [name]: "1" })).toBe("");
  });

  it("ignores an empty misspelt variable", () => {
    expect(messageOf({ ENV_SUFIX: "" })).toBe("");
  });

  it("takes an empty variable as not set", () => {
    expect(stackConfig({ LAMBDA_MEMORY_SIZE: "", FUNCTION_URL: "" })).toEqual(stackConfig());
  });

  it.each([
    ["APP_NAME", "a".repeat(28), "a".repeat(29)],
    ["APP_NAME", "a-b", "a--b"],
    ["APP_NAME", "a1", "1a"],
    ["ENV_SUFFIX", "production", "production1"],
    ["ENV_SUFFIX", "dev", "dev-1"],
    ["AWS_REGION", "us-gov-west-1", "us-east"],
    ["LAMBDA_ARCHITECTURE", "arm64", "aarch64"],
    ["LAMBDA_MEMORY_SIZE", "1024", "1023"],
    ["LAMBDA_MEMORY_SIZE", "10240", "10241"],
    ["LAMBDA_MEMORY_SIZE", "2048", "2048.5"],
    ["LAMBDA_MEMORY_SIZE", "2048", "2 GB"],
    ["LAMBDA_TIMEOUT", "10", "9"],
    ["LAMBDA_TIMEOUT", "900", "901"],
    ["LAMBDA_CONCURRENCY_LIMIT", "1", "0"],
    ["LAMBDA_SNAPSTART", "1", "yes"],
    ["LAMBDA_PROVISIONED_CONCURRENCY", "1", "0"],
    ["FUNCTION_URL", "off", "on"],
    ["LOG_RETENTION_DAYS", "1", "2"],
    ["LOG_RETENTION_DAYS", "3653", "3654"],
    ["LOG_KMS_KEY_ARN", "arn:aws:kms:us-east-1:1:key/a", "alias/key"],
    ["ALARM_TOPIC_ARN", "arn:aws:sns:us-east-1:1:a", "arn:aws:sqs:us-east-1:1:a"],
    ["KEEP_IMAGES", "2", "1"],
    ["STATE_BUCKET", "abc", "ab"],
    ["STATE_BUCKET", "abc", "Abc"],
    ["TAGS", "a=b", "aws:a=b"],
  ])("%s may be %s but not %s", (name, good, bad) => {
    expect(messageOf({ [name]: good })).toBe("");
    expect(messageOf({ [name]: bad })).toContain(`${name}=${bad}: `);
  });

  it.each([
    ["an origin with a wildcard", { FUNCTION_URL: "AWS_IAM", CORS_ORIGINS: "*" }, "CORS_ORIGINS=*"],
    [
      "a caller that is no account",
      { FUNCTION_URL: "AWS_IAM", FUNCTION_URL_CALLERS: "*" },
      "FUNCTION_URL_CALLERS=*",
    ],
  ])("refuses %s", (_name, environment, expected) => {
    expect(messageOf(environment)).toContain(expected);
  });

  it("lists every bad value at once", () => {
    const message = messageOf({
      LAMBDA_MEMORY_SIZE: "12000",
      LAMBDA_TIMEOUT: "1000",
      BITNET_CONTEXT_TOKENS: "9999",
      LAMBDA_SNAPSTART: "1",
      LAMBDA_PROVISIONED_CONCURRENCY: "1",
    });

    expect(message.split("\n")).toEqual([
      "the configuration cannot be deployed:",
      "  LAMBDA_MEMORY_SIZE=12000: at most 10240",
      "  LAMBDA_TIMEOUT=1000: at most 900",
      "  BITNET_CONTEXT_TOKENS=9999: must be at most 4096",
      "  LAMBDA_SNAPSTART with LAMBDA_PROVISIONED_CONCURRENCY: AWS allows only one of them; unset one",
    ]);
  });

  it("names the file where the bad value is there", () => {
    expect(messageOf({}, { memoryMiB: 12_000 })).toContain(
      "stacks/settings.ts: memoryMiB = 12000: at most 10240",
    );
  });

  it.each([
    [
      "SnapStart with provisioned concurrency",
      { LAMBDA_SNAPSTART: "1", LAMBDA_PROVISIONED_CONCURRENCY: "1" },
      "AWS allows only one",
    ],
    [
      "more provisioned than the limit",
      { LAMBDA_PROVISIONED_CONCURRENCY: "3", LAMBDA_CONCURRENCY_LIMIT: "2" },
      "is above LAMBDA_CONCURRENCY_LIMIT",
    ],
    ["an open URL without a key", { FUNCTION_URL: "NONE" }, "set BITNET_API_KEY_SHA256"],
    ["callers without AWS_IAM", { FUNCTION_URL_CALLERS: "123456789012" }, "FUNCTION_URL=AWS_IAM"],
    ["origins without a URL", { CORS_ORIGINS: "https://a.example" }, "set FUNCTION_URL"],
    ["a state region without a bucket", { STATE_REGION: "us-east-1" }, "set it or unset"],
    [
      "more variables than AWS takes",
      { BITNET_SYSTEM_PROMPT: "é".repeat(2048 - 9) },
      "shorten BITNET_SYSTEM_PROMPT",
    ],
  ])("refuses %s", (_name, environment, expected) => {
    expect(messageOf(environment)).toContain(expected);
  });

  it.each([
    ["an open URL with a key", { FUNCTION_URL: "NONE", BITNET_API_KEY_SHA256: keySha256 }],
    [
      "as much provisioned as the limit",
      { LAMBDA_PROVISIONED_CONCURRENCY: "2", LAMBDA_CONCURRENCY_LIMIT: "2" },
    ],
    ["as many variables as AWS takes", { BITNET_SYSTEM_PROMPT: "é".repeat(2048 - 10) }],
  ])("accepts %s", (_name, environment) => {
    expect(messageOf(environment)).toBe("");
  });
});
