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

const provisioned = (count: string, limit = "") => ({
  LAMBDA_PROVISIONED_CONCURRENCY: count,
  LAMBDA_CONCURRENCY_LIMIT: limit,
});

describe("parseStackConfig", () => {
  it("has defaults that deploy on a new AWS account", () => {
    expect(stackConfig()).toMatchObject({
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

  const iam = { FUNCTION_URL: "AWS_IAM" };
  const [id, role] = ["123456789012", "arn:aws:iam::123456789012:role/caller"];

  it.each<[string, string, string, unknown, Record<string, string>?]>([
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
    ["STATE_REGION", "eu-west-1", "stateRegion", "eu-west-1", { STATE_BUCKET: "my-state" }],
    ["FUNCTION_URL_CALLERS", `${id},${role}`, "functionUrlCallers", [id, role], iam],
    ["CORS_ORIGINS", "https://a.b, http://c:3", "corsOrigins", ["https://a.b", "http://c:3"], iam],
  ])("%s=%s wins over the file", (...[name, value, field, expected, others]) => {
    expect(stackConfig({ [name]: value, ...others })).toHaveProperty(field, expected);
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
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["BITNET_CONTEXT_TOKEN", "BITNET_CONTEXT_TOKENS"],
  ])("refuses the misspelt variable %s", (name, known) => {
    expect(messageOf({ [name]: "1" })).toBe(
      `the configuration cannot be deployed:\n  ${name} is not a known setting: did you mean ${known}?`,
    );
  });

  it("refuses an unknown variable with the runtime's prefix", () => {
    expect(messageOf({ BITNET_QUANTUM: "1" })).toContain("BITNET_QUANTUM is not a known setting;");
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

  it("takes an empty variable as not set, misspelt or not", () => {
    const empty = { LAMBDA_MEMORY_SIZE: "", FUNCTION_URL: "", ENV_SUFIX: "" };

    expect(stackConfig(empty)).toEqual(stackConfig());
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

  it.each(["CORS_ORIGINS", "FUNCTION_URL_CALLERS"])("refuses a wildcard in %s", (name) => {
    expect(messageOf({ FUNCTION_URL: "AWS_IAM", [name]: "*" })).toContain(`${name}=*`);
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
    ["AWS allows only one", { LAMBDA_SNAPSTART: "1", ...provisioned("1") }],
    ["is above LAMBDA_CONCURRENCY_LIMIT", provisioned("3", "2")],
    ["set BITNET_API_KEY_SHA256", { FUNCTION_URL: "NONE" }],
    ["FUNCTION_URL=AWS_IAM", { FUNCTION_URL_CALLERS: "123456789012" }],
    ["set FUNCTION_URL", { CORS_ORIGINS: "https://a.example" }],
    ["set it or unset", { STATE_REGION: "us-east-1" }],
    // Names and values, of which AWS takes 4,096 bytes.
    ["shorten BITNET_SYSTEM_PROMPT", { BITNET_SYSTEM_PROMPT: "é".repeat(2048 - 9) }],
  ])("refuses settings that do not go together: %s", (expected, environment) => {
    expect(messageOf(environment)).toContain(expected);
  });

  it.each([
    ["an open URL with a key", { FUNCTION_URL: "NONE", BITNET_API_KEY_SHA256: "a".repeat(64) }],
    ["as much provisioned as the limit", provisioned("2", "2")],
    ["as many variables as AWS takes", { BITNET_SYSTEM_PROMPT: "é".repeat(2048 - 10) }],
  ])("accepts %s", (_name, environment) => {
    expect(messageOf(environment)).toBe("");
  });
});
