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
  it("has defaults for the container", () => {
    expect(parseConfig({})).toEqual({
      engine: "llama-cli",
      enginePaths: {
        "llama-cli": "/opt/bitnet/bin/llama-cli",
        "llama-server": "/opt/bitnet/bin/llama-server",
      },
      corsOrigins: [],
      urlInvokeMode: "RESPONSE_STREAM",
      systemPrompt: undefined,
      promptCachePath: undefined,
      initializationType: undefined,
      modelPath: "/opt/bitnet/model.gguf",
      modelName: "model",
      threads: undefined,
      contextTokens: 4096,
      deadlineReserveMs: 2000,
      killDelayMs: 500,
      logLevel: "info",
      apiKeySha256: undefined,
      memoryMiB: undefined,
    });
  });

  it("reads every variable", () => {
    const config = parseConfig({
      BITNET_ENGINE: "llama-server",
      BITNET_LLAMA_CLI: "/a/llama-cli",
      BITNET_LLAMA_SERVER: "/a/llama-server",
      BITNET_CORS_ORIGINS: "https://a.example, http://localhost:3000",
      BITNET_URL_INVOKE_MODE: "BUFFERED",
      BITNET_SYSTEM_PROMPT: "Be brief.",
      BITNET_PROMPT_CACHE: "/a/cache",
      AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start",
      BITNET_MODEL: "/a/b.gguf",
      BITNET_MODEL_NAME: "bitnet",
      BITNET_THREADS: "3",
      BITNET_CONTEXT_TOKENS: "512",
      BITNET_DEADLINE_RESERVE_MS: "100",
      BITNET_KILL_DELAY_MS: "10",
      BITNET_LOG_LEVEL: "error",
      BITNET_API_KEY_SHA256: "a".repeat(64),
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "3008",
    });

    expect(config).toEqual({
      engine: "llama-server",
      enginePaths: { "llama-cli": "/a/llama-cli", "llama-server": "/a/llama-server" },
      corsOrigins: ["https://a.example", "http://localhost:3000"],
      urlInvokeMode: "BUFFERED",
      systemPrompt: "Be brief.",
      promptCachePath: "/a/cache",
      initializationType: "snap-start",
      modelPath: "/a/b.gguf",
      modelName: "bitnet",
      threads: 3,
      contextTokens: 512,
      deadlineReserveMs: 100,
      killDelayMs: 10,
      logLevel: "error",
      apiKeySha256: "a".repeat(64),
      memoryMiB: 3008,
    });
  });

  it.each([["*"], ["https://a.example/path"], ["a.example"], ["https://a.example,"]])(
    "refuses %s as a list of origins",
    (list) => {
      expect(messageOf({ BITNET_CORS_ORIGINS: list })).toContain("BITNET_CORS_ORIGINS");
    },
  );

  it("takes an empty variable as not set and ignores others", () => {
    expect(parseConfig({ BITNET_THREADS: "", BITNET_MODEL: "", OTHER: "x" })).toEqual(
      parseConfig({}),
    );
  });

  it.each([
    ["BITNET_THREAD", "is not a known setting: did you mean BITNET_THREADS?"],
    ["BITNET_ENGIN", "is not a known setting: did you mean BITNET_ENGINE?"],
    ["BITNET_WHATEVER_ELSE", "is not a known setting; unset it"],
  ])("refuses the unknown variable %s", (name, problem) => {
    expect(messageOf({ [name]: "1" })).toBe(`${name} ${problem}`);
    expect(messageOf({ [name]: "" })).toBe("");
  });

  it("names the list of origins, not the one of them that is wrong", () => {
    const list = "https://a.example,b";

    expect(messageOf({ BITNET_CORS_ORIGINS: list })).toMatch(`BITNET_CORS_ORIGINS=${list}: each`);
  });

  it("calls the model by its file name", () => {
    expect(parseConfig({ BITNET_MODEL: "/models/golden.gguf" }).modelName).toBe("golden");
  });

  it("cannot be changed", () => {
    expect(Object.isFrozen(parseConfig({}))).toBe(true);
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
