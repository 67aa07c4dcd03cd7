import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describeOpenAiClient } from "../contract/openai-client.contract.ts";
import type { RunningServer } from "../helpers/http-server.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { startFunctionUrl } from "./function-url.ts";
import { type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

/** AWS's runtime interface client, an executable module; `scripts/test-lambda.ts` installs it. */
const runtimeClient = process.env.RUNTIME_CLIENT ?? "";

describe.each([
  ["RESPONSE_STREAM", "llama-cli"],
  ["BUFFERED", "llama-cli"],
  ["RESPONSE_STREAM", "llama-server"],
] as const)("the function, URL %s, engine %s", (mode, engine) => {
  let runtime: RuntimeApi;
  let url: RunningServer;
  let client: ChildProcess;

  beforeAll(async () => {
    runtime = await startRuntimeApi();
    url = await startFunctionUrl(runtime);
    client = spawn(process.execPath, [runtimeClient, "handler.handler"], {
      cwd: "dist/handler",
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env.PATH,
        AWS_LAMBDA_RUNTIME_API: runtime.url.replace("http://", ""),
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "3008",
        LAMBDA_TASK_ROOT: "dist/handler",
        BITNET_ENGINE: engine,
        BITNET_LLAMA_CLI: referenceLlamaCli,
        BITNET_LLAMA_SERVER: referenceLlamaServer,
        BITNET_MODEL: goldenModel,
        BITNET_LOG_LEVEL: "error",
        BITNET_URL_INVOKE_MODE: mode,
      },
    });
  });

  afterAll(async () => {
    // Not SIGKILL: it is to end its engine.
    client.kill("SIGTERM");
    await once(client, "close");
    await url.close();
    await runtime.close();
  });

  describeOpenAiClient(`a function URL in ${mode}`, {
    baseUrl: () => url.url,
    isAbortSeen: false,
    isStreaming: mode === "RESPONSE_STREAM",
  });

  it("keeps the direct contract", async () => {
    const answer = await runtime.invoke({ prompt: "Hello", n_predict: 2, temperature: 0 });
    const { statusCode, body } = JSON.parse(await text(answer.body));
    answer.accept();

    expect(answer.kind).toBe("response");
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ tokens_predicted: 2, cold_start: false });
  });

  it("sends status and headers of an answer without a body", async () => {
    const response = await fetch(`${url.url}/v1/models`, { method: "HEAD" });

    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
