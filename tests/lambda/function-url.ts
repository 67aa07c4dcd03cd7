import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { type RunningServer, serve } from "../helpers/http-server.ts";
import { urlEvent } from "../helpers/url-event.ts";
import type { InvocationAnswer, RuntimeApi } from "./runtime-api.ts";

/** Separates the status and headers of a streamed answer from its body: eight zero bytes. */
const delimiter = Buffer.alloc(8);

/** A function URL in front of a runtime: HTTP in, events to the runtime, its answer out again. */
export function startFunctionUrl(runtime: RuntimeApi): Promise<RunningServer> {
  return serve((request, response) => {
    // A runtime that goes away in the middle takes the caller's connection with it.
    answer(runtime, request, response).catch(() => response.destroy());
  });
}

async function answer(
  runtime: RuntimeApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "", url: path = "", headers } = request;
  const event = { method, path, headers, body: await buffer(request) };
  const answered = await runtime.invoke(urlEvent(event, "base64"));
  if (answered.isStreamed) await sendStreamed(answered, response);
  else await sendBuffered(answered, response);
  answered.accept();
}

async function sendBuffered({ body }: InvocationAnswer, response: ServerResponse): Promise<void> {
  const answer = JSON.parse(await text(body));
  response.writeHead(answer.statusCode, answer.headers);
  response.end(answer.isBase64Encoded ? Buffer.from(answer.body, "base64") : answer.body);
}

async function sendStreamed(
  { body, contentType }: InvocationAnswer,
  response: ServerResponse,
): Promise<void> {
  if (contentType !== "application/vnd.awslambda.http-integration-response") {
    throw new Error(`a function URL cannot read ${contentType}`);
  }
  let head = Buffer.alloc(0);
  for await (const chunk of body) {
    if (response.headersSent) {
      response.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(delimiter);
    if (end === -1) continue;
    const { statusCode, headers } = JSON.parse(head.subarray(0, end).toString());
    response.writeHead(statusCode, headers);
    const rest = head.subarray(end + delimiter.length);
    if (rest.length > 0) response.write(rest);
    else response.flushHeaders();
  }
  response.end();
}
