import { get, type IncomingMessage } from "node:http";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { LocalServer } from "../../../runtime/local-server.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";

let server: LocalServer;
let client: LambdaClient;

beforeAll(async () => {
  process.env.BITNET_LLAMA_CLI = fakeLlamaCli;
  process.env.BITNET_MODEL = "fast";
  process.env.BITNET_LOG_LEVEL = "error";
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const { startLocalServer } = await import("../../../runtime/local-server.ts");
  server = await startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 30_000 });
  client = new LambdaClient({
    endpoint: server.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

/** Invokes by AWS's own client; what it makes of the answer. */
async function invoke(payload: string, functionName = "bitnet") {
  const input = { FunctionName: functionName, Qualifier: "live", Payload: Buffer.from(payload) };
  const answer = await client.send(new InvokeCommand(input));
  return { ...answer, payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) };
}

describe("the local server", () => {
  it("answers AWS's own client by the handler", async () => {
    const answer = await invoke('{"prompt":"Hi"}');

    const { StatusCode, ExecutedVersion, FunctionError, payload } = answer;
    expect([StatusCode, ExecutedVersion, FunctionError]).toEqual([200, "$LATEST", undefined]);
    expect(payload.statusCode).toBe(200);
    expect(JSON.parse(payload.body).content).toBe("Hello world");
  });

  it("passes on the handler's own refusals", async () => {
    expect(await invoke('{"prompt":5}')).toMatchObject({ payload: { statusCode: 400 } });
  });

  it.each([
    ["evil.example", 403],
    ["evil.example:9000", 403],
    ["localhost:9000", 200],
    ["127.0.0.1", 200],
    ["[::1]:9000", 200],
  ])("answers a request for the host %s with %i", async (host, status) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${server.url}/health`, { headers: { host } }, resolve).on("error", reject),
    );

    answer.resume();
    expect(answer.statusCode).toBe(status);
  });

  it.each([
    ["ResourceNotFoundException", "{}", "other"],
    ["InvalidRequestContentException", "{", "bitnet"],
    ["RequestTooLargeException", `"${"x".repeat(6 * 1024 * 1024)}"`, "bitnet"],
  ])("is told from AWS by no error class: %s", async (name, payload, functionName) => {
    await expect(invoke(payload, functionName)).rejects.toMatchObject({ name });
  });
});
