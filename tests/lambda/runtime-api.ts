import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type RunningServer, serve } from "../helpers/http-server.ts";

/** How the runtime answered one invocation. */
export interface InvocationAnswer {
  readonly kind: "response" | "error";
  /** The runtime announced a streamed answer. */
  readonly isStreamed: boolean;
  readonly contentType: string;
  /** Its body, as it comes. */
  readonly body: IncomingMessage;
  /** Confirms the answer to the runtime. */
  accept(): void;
}

/** Lambda's Runtime API on loopback: what a runtime interface client talks to. */
export interface RuntimeApi extends RunningServer {
  /** Gives the runtime an event; settles when it begins to answer. */
  invoke(event: object): Promise<InvocationAnswer>;
}

interface Invocation {
  readonly id: string;
  readonly event: object;
  readonly onAnswer: (answer: InvocationAnswer) => void;
}

const invocationMs = 60_000;
const prefix = "/2018-06-01/runtime/";

/**
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html (read 2026-11): `next`
 * hands out an event, `response` and `error` bring the answer.
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let idle: ServerResponse | undefined;

  const hand = () => {
    const next = idle === undefined ? undefined : waiting.shift();
    if (idle === undefined || next === undefined) return;
    running.set(next.id, next);
    idle.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": next.id,
      "lambda-runtime-deadline-ms": `${Date.now() + invocationMs}`,
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:123456789012:function:test",
    });
    idle.end(JSON.stringify(next.event));
    idle = undefined;
  };
  const server = await serve(async (request, response) => {
    const [what, id, kind] = (request.url ?? "").replace(prefix, "").split("/");
    if (id === "next") {
      idle = response;
      return hand();
    }
    if (what === "init") throw new Error(`the handler did not load: ${await text(request)}`);
    running.get(id ?? "")?.onAnswer({
      kind: kind === "error" ? "error" : "response",
      isStreamed: request.headers["lambda-runtime-function-response-mode"] === "streaming",
      contentType: request.headers["content-type"] ?? "",
      body: request,
      accept: () => response.writeHead(202).end(),
    });
  });
  return {
    ...server,
    invoke: (event) =>
      new Promise((onAnswer) => {
        waiting.push({ id: randomUUID(), event, onAnswer });
        hand();
      }),
  };
}
