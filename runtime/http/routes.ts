import type { AdmittedCall } from "../answer.ts";
import { wholeAnswer } from "../answer.ts";
import { answerBody, completionChunks } from "../direct/response.ts";
import { AppError } from "../errors.ts";
import { answerChunks, answerObject } from "../openai/answer-object.ts";
import { type AnswerShape, chatShape, completionShape } from "../openai/answer-shape.ts";
import { parseChatRequest } from "../openai/chat-request.ts";
import { parseCompletionRequest } from "../openai/completion-request.ts";
import type { OpenAiContext, OpenAiRequest } from "../openai/openai-request.ts";
import { responseEvents, wholeResponse } from "../openai/responses/response-events.ts";
import { parseResponsesRequest } from "../openai/responses/responses-request.ts";
import { parseRequest } from "../request/request.ts";
import type { Service } from "../service.ts";
import { eventStreamResponse, sseDone } from "./event-stream.ts";
import { readJson } from "./request-body.ts";

/** A request on its way through a route. */
export interface Exchange {
  readonly service: Service;
  readonly request: Request;
  readonly call: AdmittedCall;
  /** A named part of the path, decoded. */
  readonly parameter: (name: string) => string;
}

/** One line of the routing table. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Needs no API key, even where one is configured. */
  readonly isOpen?: true;
  readonly answer: (exchange: Exchange) => Promise<Response> | Response;
}

/** The one routing table. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/health", isOpen: true, answer: answerHealth },
  {
    method: "GET",
    path: "/v1/models",
    answer: ({ service }) => json({ object: "list", data: [modelObject(service.modelName)] }),
  },
  { method: "GET", path: "/v1/models/:model", answer: answerModel },
  {
    method: "POST",
    path: "/v1/chat/completions",
    answer: openAiRoute(chatShape, parseChatRequest),
  },
  {
    method: "POST",
    path: "/v1/completions",
    answer: openAiRoute(completionShape, parseCompletionRequest),
  },
  { method: "POST", path: "/v1/responses", answer: answerResponses },
  { method: "POST", path: "/completion", answer: answerCompletion },
  // Where a function URL is called without a path: the direct contract.
  { method: "POST", path: "/", answer: answerCompletion },
];

function json(body: object): Response {
  return Response.json(body);
}

function answerHealth({ service }: Exchange): Response {
  service.checkHealth();
  return json({ status: "ok" });
}

function answerModel({ service, parameter }: Exchange): Response {
  if (parameter("model") === service.modelName) return json(modelObject(service.modelName));
  throw new AppError("model-unknown", `the one model is \`${service.modelName}\``);
}

/** When the model was published, in seconds since 1970: the model card's date, 2025-04-14. */
const publishedAt = Date.UTC(2025, 3, 14) / 1000;

/** The one model that is served, in OpenAI's shape. */
function modelObject(modelName: string) {
  return { id: modelName, object: "model", created: publishedAt, owned_by: "bitnet-lambda" };
}

type ParseOpenAi = (input: unknown, context: OpenAiContext) => OpenAiRequest;

function openAiRoute(shape: AnswerShape, parse: ParseOpenAi): Route["answer"] {
  return async ({ service, request: httpRequest, call }) => {
    const asked = parse(await readJson(httpRequest), service.openAiContext(call.requestId));
    if (!asked.isStreamed) {
      return json(await answerObject(shape, asked, (request) => service.begin(request, call)));
    }
    return eventStreamResponse({
      service,
      call,
      begin: (streamCall) =>
        answerChunks(shape, asked, (request) => service.begin(request, streamCall)),
      closing: sseDone,
    });
  };
}

/** OpenAI's Responses, without a memory. */
async function answerResponses({ service, request: httpRequest, call }: Exchange) {
  const asked = parseResponsesRequest(
    await readJson(httpRequest),
    service.openAiContext(call.requestId),
  );
  if (!asked.isStreamed) {
    return json(wholeResponse(asked, await wholeAnswer(service.begin(asked.request, call))));
  }
  return eventStreamResponse({
    service,
    call,
    begin: (streamCall) =>
      responseEvents(
        asked,
        service.begin(asked.request, streamCall),
        (thrown) => service.fail(thrown, call).body,
      ),
    closing: "",
  });
}

/** llama-server's own route, in the direct contract's words. */
async function answerCompletion({ service, request: httpRequest, call }: Exchange) {
  const { isStreamed, fields } = streamField(await readJson(httpRequest));
  const request = parseRequest(
    fields,
    () => service.drawSeed(call.requestId),
    service.systemPrompt,
  );
  if (!isStreamed) return json(answerBody(await wholeAnswer(service.begin(request, call))));
  return eventStreamResponse({
    service,
    call,
    begin: (streamCall) => completionChunks(service.begin(request, streamCall)),
    closing: "",
  });
}

/** Takes `stream: true` out of a request; any other value is left for the schema to judge. */
function streamField(input: unknown): { isStreamed: boolean; fields: unknown } {
  const isStreamed =
    typeof input === "object" && input !== null && "stream" in input && input.stream === true;
  if (!isStreamed) return { isStreamed, fields: input };
  const { stream: _, ...fields } = input;
  return { isStreamed, fields };
}
