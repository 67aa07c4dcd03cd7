import {
  answerInvokeApi,
  type InvokeApiDependencies,
  payloadBytes,
} from "../../../../runtime/http/invoke-api.ts";

const path = "/2015-03-31/functions/bitnet/invocations";

/** The Invoke API on a handler; by default one that echoes. */
function apiOf(given: Partial<InvokeApiDependencies> = {}) {
  let count = 0;
  const dependencies: InvokeApiDependencies = {
    functionName: "bitnet",
    invoke: async (event) => event,
    timeoutMs: 1000,
    newRequestId: () => `id-${++count}`,
    isBusy: () => false,
    now: () => performance.now(),
    ...given,
  };
  return (at: string, init: RequestInit) =>
    answerInvokeApi(dependencies, new Request(`http://localhost${at}`, init));
}

type Invoked = Partial<InvokeApiDependencies> & { headers?: Record<string, string>; at?: string };

/** Invokes the function by the API. */
async function invoke(
  body: string | Uint8Array<ArrayBuffer>,
  { headers = {}, at = path, ...given }: Invoked = {},
) {
  const response = await apiOf(given)(at, { method: "POST", body, headers });
  if (response === undefined) throw new Error("not answered");
  return response;
}

describe("the Invoke API", () => {
  it("answers what the handler returns", async () => {
    const response = await invoke('{"prompt":"Hé"}');

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ prompt: "Hé" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-amz-executed-version": "$LATEST",
      "x-amzn-requestid": "id-1",
    });
    expect(response.headers.has("x-amz-function-error")).toBe(false);
    expect(response.headers.has("x-amz-log-result")).toBe(false);
  });

  it.each([
    "/2015-03-31/functions/bitnet:live/invocations",
    "/2015-03-31/functions/bitnet/invocations?Qualifier=live",
    `/2015-03-31/functions/${encodeURIComponent("arn:aws:lambda:us-east-1:123456789012:function:bitnet")}/invocations`,
    `/2015-03-31/functions/${encodeURIComponent("arn:aws:lambda:us-east-1:123456789012:function:bitnet:7")}/invocations`,
  ])("knows the function as %s", async (at) => {
    expect((await invoke("{}", { at })).status).toBe(200);
  });

  it("gives the handler its request id and the time that is left", async () => {
    const response = await invoke("{}", {
      invoke: async (_event, context) => ({
        id: context.awsRequestId,
        isInTime: context.getRemainingTimeInMillis() > 900,
      }),
    });

    expect(await response.json()).toEqual({ id: "id-1", isInTime: true });
  });

  it("takes an empty payload as an empty object", async () => {
    expect(await (await invoke("")).json()).toEqual({});
  });

  // What AWS's own client makes of refusals is in the local server's tests.
  it.each([
    [
      "a name that is no text",
      "{}",
      { at: path.replace("bitnet", "%E0%A4%A") },
      "404 ResourceNotFoundException",
    ],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, "400 InvalidRequestContentException"],
    [
      "an unknown type",
      "{}",
      { headers: { "x-amz-invocation-type": "Later" } },
      "400 InvalidParameterValueException",
    ],
  ])("refuses %s as Lambda does", async (_name, body, given, expected) => {
    const response = await invoke(body, given);

    expect(`${response.status} ${response.headers.get("x-amzn-errortype")}`).toBe(expected);
    expect(await response.json()).toHaveProperty("Message");
  });

  it("takes the largest payload", async () => {
    const response = await invoke(`"${"x".repeat(payloadBytes - 2)}"`, {
      invoke: async () => "ok",
    });

    expect(response.status).toBe(200);
  });

  it.each([
    [
      "threw",
      async () => {
        throw new TypeError("no such thing");
      },
      { errorType: "TypeError", errorMessage: "no such thing" },
    ],
    [
      "ran out of time",
      () => new Promise(() => {}),
      {
        errorType: "Sandbox.Timedout",
        errorMessage: "RequestId: id-1 Error: Task timed out after 0.05 seconds",
      },
    ],
    [
      "returned too much",
      async () => "x".repeat(payloadBytes),
      expect.objectContaining({ errorType: "Function.ResponseSizeTooLarge" }),
    ],
  ])("tells that the function %s, with status 200 as Lambda does", async (_name, handler, body) => {
    const response = await invoke("{}", { invoke: handler, timeoutMs: 50 });

    expect(response.status).toBe(200);
    expect(response.headers.get("x-amz-function-error")).toBe("Unhandled");
    expect(await response.json()).toEqual(body);
  });

  it("answers an asynchronous invocation at once and runs it behind", async () => {
    let finish = () => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });

    const response = await invoke("{}", {
      invoke: async () => finish(),
      headers: { "x-amz-invocation-type": "Event" },
    });

    expect(response.status).toBe(202);
    await done;
  });

  it("runs nothing in a dry run", async () => {
    const calls: unknown[] = [];

    const response = await invoke("{}", {
      invoke: async (event) => calls.push(event),
      headers: { "x-amz-invocation-type": "DryRun" },
    });

    expect(response.status).toBe(204);
    expect(calls).toEqual([]);
  });

  it("reports the billed time in the log's tail when asked to", async () => {
    const response = await invoke("{}", { headers: { "x-amz-log-type": "Tail" } });

    const tail = Buffer.from(response.headers.get("x-amz-log-result") ?? "", "base64").toString();
    const report = JSON.parse(tail);
    expect(report).toMatchObject({
      type: "platform.report",
      record: { requestId: "id-1", status: "success" },
    });
    const { durationMs, billedDurationMs } = report.record.metrics;
    expect(billedDurationMs).toBe(Math.ceil(durationMs));
  });

  it.each(["RequestResponse", "Event"])(
    "refuses a %s invocation as Lambda does when nothing more can wait, and runs nothing",
    async (type) => {
      const events: unknown[] = [];
      const response = await invoke("{}", {
        invoke: async (event) => events.push(event),
        isBusy: () => true,
        headers: { "x-amz-invocation-type": type },
      });

      expect(response.status).toBe(429);
      expect(response.headers.get("x-amzn-errortype")).toBe("TooManyRequestsException");
      expect(events).toEqual([]);
    },
  );

  it.each([
    ["GET", path],
    ["POST", "/2015-03-31/functions/bitnet"],
    ["POST", "/v1/chat/completions"],
  ])("leaves %s %s to others", async (method, at) => {
    expect(await apiOf()(at, { method })).toBeUndefined();
  });
});
