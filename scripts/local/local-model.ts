import { PassThrough, type Writable } from "node:stream";
import * as z from "zod";
import { createApplication } from "../../runtime/application.ts";
import { AppError } from "../../runtime/errors.ts";
import { type AwsLambda, lambdaHandler } from "../../runtime/http/lambda-handler.ts";
import { parseJson } from "../../runtime/request/json.ts";
import type { ChatEvent, ChatModel, Turn } from "../remote/chat.ts";
import { completeLocalEnvironment, type LocalNames, localContext } from "./local-environment.ts";

/** Greedy, so that the same question has the same answer. */
const settings = { n_predict: 128, temperature: 0, repeat_penalty: 1 } as const;

/** The Lambda handler on this machine, asked as a function URL asks it, streamed. */
export class LocalModel implements ChatModel {
  readonly name = "local";
  readonly names: LocalNames;
  readonly #application;
  /** Lines of the function's log, which has the reason for a failure. */
  readonly #log: string[] = [];

  /** @throws UserError, AppError `config-invalid` when the environment names no usable engine */
  constructor() {
    this.names = completeLocalEnvironment();
    this.#application = createApplication(process.env, {
      writeLogLine: (line) => this.#log.push(line),
    });
  }

  /** @throws AppError */
  async *answer(messages: readonly Turn[], signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const stream = new PassThrough();
    signal.addEventListener("abort", () => stream.destroy());
    const config = { urlInvokeMode: "RESPONSE_STREAM" } as const;
    const handler = lambdaHandler({ ...this.#application, config, awslambda });
    // Only Lambda knows the signature of a streaming handler.
    const invoke = handler as unknown as (event: object, stream: Writable, context: object) => void;
    invoke(completionEvent({ ...settings, messages, stream: true }), stream, localContext());
    for await (const text of eventTexts(stream)) {
      const event = completionSchema.safeParse(parseJson(text, "answer")).data;
      if (event === undefined) throw this.#failure();
      if (event.content !== "") yield event.content;
      if (event.stop) yield figuresOf(event);
    }
  }

  /** Ends the engine. */
  close(): Promise<void> {
    return this.#application.engine.stop();
  }

  /** What the log says of the last failure: a caller gets less to read than whoever runs this. */
  #failure(): AppError {
    const line = failureSchema.safeParse(parseJson(this.#log.at(-1) ?? "{}", "log")).data;
    const words = line?.stderr_tail?.trim().split("\n").at(-1);
    const message = line?.message ?? "the handler failed";
    return new AppError("engine-failed", words ? `${message}: ${words}` : message);
  }
}

/** Lambda's streaming, reduced to what the handler uses. */
const awslambda: AwsLambda = {
  HttpResponseStream: { from: (stream) => stream },
  streamifyResponse: (handler) => handler,
};

const completionSchema = z.object({
  content: z.string(),
  stop: z.boolean(),
  tokens_evaluated: z.number().nullish(),
  tokens_predicted: z.number().default(0),
  timings: z.object({ predicted_per_second: z.number().nullish() }).optional(),
});

const failureSchema = z.object({ message: z.string(), stderr_tail: z.string().optional() });

function figuresOf(end: z.output<typeof completionSchema>): ChatEvent {
  return {
    promptTokens: end.tokens_evaluated ?? 0,
    predictedTokens: end.tokens_predicted,
    tokensPerSecond: end.timings?.predicted_per_second ?? null,
  };
}

/** A function URL's event for `POST /completion`. */
function completionEvent(body: object) {
  return {
    version: "2.0",
    rawPath: "/completion",
    headers: { "content-type": "application/json" },
    requestContext: { http: { method: "POST" } },
    body: JSON.stringify(body),
  };
}

/** The data of each server-sent event, or the whole body of an answer that is not streamed. */
async function* eventTexts(stream: PassThrough): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of stream.setEncoding("utf8")) {
    const lines = `${rest}${piece}`.split("\n\n");
    rest = lines.pop() ?? "";
    // A comment says that a long answer goes on.
    yield* lines.filter((line) => !line.startsWith(":")).map((line) => line.replace(/^data: /, ""));
  }
  if (rest !== "") yield rest;
}
