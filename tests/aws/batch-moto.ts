import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { askMoto } from "./aws-like-moto.ts";

/** What an invocation comes to. */
export type Invocation =
  | { readonly outcome: object }
  | { readonly throttled: true }
  | { readonly died: true };

/**
 * Lambda as Step Functions sees it, on the port at which moto's interpreter looks for AWS: invocations
 * are answered here, everything else by moto.
 */
export async function serveLambdaBesideMoto(
  port: number,
  motoUrl: string,
  invoke: (event: unknown) => Promise<Invocation>,
): Promise<{ close: () => Promise<void> }> {
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    if (!/\/functions\/[^/]+\/invocations/.test(request.url ?? "")) {
      const { status, headers, body: answered } = await askMoto(request, body, motoUrl);
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : answered);
      return;
    }
    sendInvocation(response, await invoke(JSON.parse(body.toString())));
  };
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function sendInvocation(response: ServerResponse, invocation: Invocation): void {
  const send = (status: number, headers: object, body: object) =>
    response
      .writeHead(status, {
        "content-type": "application/json",
        "x-amzn-requestid": crypto.randomUUID(),
        ...headers,
      })
      .end(JSON.stringify(body));
  if ("outcome" in invocation) send(200, { "x-amz-executed-version": "1" }, invocation.outcome);
  else if ("throttled" in invocation) {
    const message = {
      Type: "User",
      message: "Rate Exceeded.",
      Reason: "ConcurrentInvocationLimit",
    };
    send(429, { "x-amzn-errortype": "TooManyRequestsException" }, message);
  } else {
    const error = { errorType: "Runtime.ExitError", errorMessage: "exited with signal: killed" };
    send(200, { "x-amz-function-error": "Unhandled" }, error);
  }
}
