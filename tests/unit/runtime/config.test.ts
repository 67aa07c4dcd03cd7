import { parseConfig } from "../../../runtime/config.ts";
import { AppError } from "../../../runtime/errors.ts";

function messageOf(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof AppError && error.kind === "config-invalid") return error.message;
    throw error;
  }
  return "";
}

describe("parseConfig", () => {
  const defaults = {
    engine: "llama-cli",
    enginePaths: {
      "llama-cli": "/opt/bitnet/bin/llama-cli",
      "llama-server": "/opt/bitnet/bin/llama-server",
    },
    corsOrigins: [],
    urlInvokeMode: "RESPONSE_STREAM",
    modelPath: "/opt/bitnet/model.gguf",
    modelName: "model",
    contextTokens: 4096,
    deadlineReserveMs: 2000,
    killDelayMs: 500,
    logLevel: "info",
  };

  it("has defaults for the container", () => {
    expect(parseConfig({})).toEqual(defaults);
    expect(Object.isFrozen(parseConfig({}))).toBe(true);
  });

  it.each([
    ["BITNET_ENGINE", "llama-server", { engine: "llama-server" }],
    [
      "BITNET_LLAMA_CLI",
      "/a",
      { enginePaths: { "llama-cli": "/a", "llama-server": "/opt/bitnet/bin/llama-server" } },
    ],
    [
      "BITNET_LLAMA_SERVER",
      "/a",
      { enginePaths: { "llama-cli": "/opt/bitnet/bin/llama-cli", "llama-server": "/a" } },
    ],
    [
      "BITNET_CORS_ORIGINS",
      "https://a.example, http://localhost:3000",
      { corsOrigins: ["https://a.example", "http://localhost:3000"] },
    ],
    ["BITNET_URL_INVOKE_MODE", "BUFFERED", { urlInvokeMode: "BUFFERED" }],
    ["BITNET_SYSTEM_PROMPT", "Be brief.", { systemPrompt: "Be brief." }],
    ["BITNET_PROMPT_CACHE", "/a/cache", { promptCachePath: "/a/cache" }],
    ["AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start", { initializationType: "snap-start" }],
    ["AWS_LAMBDA_FUNCTION_NAME", "name", { functionName: "name" }],
    ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008", { memoryMiB: 3008 }],
    ["BITNET_MODEL", "/a/golden.gguf", { modelPath: "/a/golden.gguf", modelName: "golden" }],
    ["BITNET_MODEL_NAME", "bitnet", { modelName: "bitnet" }],
    ["BITNET_FINGERPRINT", "fp", { fingerprint: "fp" }],
    ["BITNET_THREADS", "3", { threads: 3 }],
    ["BITNET_CONTEXT_TOKENS", "512", { contextTokens: 512 }],
    ["BITNET_DEADLINE_RESERVE_MS", "100", { deadlineReserveMs: 100 }],
    ["BITNET_KILL_DELAY_MS", "10", { killDelayMs: 10 }],
    ["BITNET_LOG_LEVEL", "error", { logLevel: "error" }],
    ["BITNET_API_KEY_SHA256", "a".repeat(64), { apiKeySha256: "a".repeat(64) }],
    ["BITNET_THREADS", "", {}],
    ["BITNET_MODEL", "", {}],
    ["OTHER", "x", {}],
  ])("reads %s=%s", (name, value, changed) => {
    expect(parseConfig({ [name]: value })).toEqual({ ...defaults, ...changed });
  });

  it.each([
    "*",
    "https://a.example/path",
    "a.example",
    "https://a.example,",
    "https://a.example,b",
  ])("refuses %s as a list of origins, and names the list", (list) => {
    expect(messageOf({ BITNET_CORS_ORIGINS: list })).toMatch(`BITNET_CORS_ORIGINS=${list}: each`);
  });

  it.each([
    ["BITNET_THREAD", "is not a known setting: did you mean BITNET_THREADS?"],
    ["BITNET_ENGIN", "is not a known setting: did you mean BITNET_ENGINE?"],
    ["BITNET_WHATEVER_ELSE", "is not a known setting; unset it"],
  ])("refuses the unknown variable %s", (name, problem) => {
    expect(messageOf({ [name]: "1" })).toBe(`${name} ${problem}`);
    expect(messageOf({ [name]: "" })).toBe("");
  });

  it("lists every bad variable with its value and what is allowed", () => {
    const message = messageOf({
      BITNET_THREADS: "many",
      BITNET_CONTEXT_TOKENS: "8192",
      BITNET_KILL_DELAY_MS: "-1",
      BITNET_LOG_LEVEL: "loud",
    });

    expect(message).toContain("BITNET_THREADS=many: must be a whole number");
    expect(message).toContain("BITNET_CONTEXT_TOKENS=8192: must be at most 4096");
    expect(message).toContain("BITNET_KILL_DELAY_MS=-1: must be a whole number");
    expect(message).toContain("BITNET_LOG_LEVEL=loud: ");
  });

  it.each([
    ["BITNET_API_KEY_SHA256", "sk-the-key-itself"],
    ["BITNET_SYSTEM_PROMPT", "a prompt of the house ".repeat(1000)],
  ])("does not repeat a bad %s, which nobody else shall read", (name, value) => {
    const message = messageOf({ [name]: value });

    expect(message).toMatch(new RegExp(`^${name}: must (be|have) `));
    expect(message).not.toContain(value);
  });

  it.each([
    ["BITNET_THREADS", "1", "0"],
    ["BITNET_THREADS", "256", "257"],
    ["BITNET_CONTEXT_TOKENS", "64", "63"],
    ["BITNET_CONTEXT_TOKENS", "4096", "4097"],
    ["BITNET_DEADLINE_RESERVE_MS", "60000", "60001"],
    ["BITNET_KILL_DELAY_MS", "60000", "60001"],
    ["BITNET_THREADS", "2", "1.5"],
  ])("%s may be %s but not %s", (name, good, bad) => {
    expect(messageOf({ [name]: good })).toBe("");
    expect(messageOf({ [name]: bad })).toContain(`${name}=${bad}`);
  });
});
