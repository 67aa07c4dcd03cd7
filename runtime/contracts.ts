import { type Begin, wholeAnswer } from "./answer.ts";
import { answerBody, completionChunks } from "./direct/response.ts";
import { answerChunks, answerObject } from "./openai/answer-object.ts";
import { type AnswerShape, chatShape, completionShape } from "./openai/answer-shape.ts";
import { parseChatRequest } from "./openai/chat-request.ts";
import { parseCompletionRequest } from "./openai/completion-request.ts";
import type { ErrorBody } from "./openai/error-response.ts";
import type { OpenAiContext, OpenAiRequest } from "./openai/openai-request.ts";
import { responseEvents, wholeResponse } from "./openai/responses/response-events.ts";
import { parseResponsesRequest } from "./openai/responses/responses-request.ts";
import { parseRequest } from "./request/request.ts";

/** A checked request, ready to be answered. */
export interface AskedRequest {
  /** The first prompt that it sends to the model. */
  readonly prompt: string;
  /** Most tokens of its answer, all choices together. */
  readonly answerTokens: number;
  readonly isStreamed: boolean;
  /** The body of its answer. */
  readonly answer: (begin: Begin) => Promise<object>;
  /** The same as the values of a stream. @param fail handles an error in the middle */
  readonly stream: (begin: Begin, fail: (thrown: unknown) => ErrorBody) => AsyncGenerator<object>;
  /** What the stream ends with when all went well. */
  readonly closing: string;
}

/** Checks the body of a request. @throws AppError `request-invalid`, `model-unknown` */
export type Contract = (body: unknown, context: OpenAiContext) => AskedRequest;

/** The contracts by path, for the HTTP routes and for the items of a batch. */
export const contracts = {
  "/v1/chat/completions": completions(chatShape, parseChatRequest),
  "/v1/completions": completions(completionShape, parseCompletionRequest),
  "/v1/responses": responses,
  "/completion": completion,
} as const satisfies Readonly<Record<string, Contract>>;

function completions(
  shape: AnswerShape,
  parse: (input: unknown, context: OpenAiContext) => OpenAiRequest,
): Contract {
  return (body, context) => {
    const asked = parse(body, context);
    const { prompt, settings } = asked.request;
    return {
      prompt,
      answerTokens: settings.n_predict * asked.choices,
      isStreamed: asked.isStreamed,
      answer: (begin) => answerObject(shape, asked, begin),
      stream: (begin) => answerChunks(shape, asked, begin),
      closing: "data: [DONE]\n\n",
    };
  };
}

/** OpenAI's Responses, without a memory. */
function responses(body: unknown, context: OpenAiContext): AskedRequest {
  const asked = parseResponsesRequest(body, context);
  const { request, isStreamed } = asked;
  return {
    prompt: request.prompt,
    answerTokens: request.settings.n_predict,
    isStreamed,
    answer: async (begin) => wholeResponse(asked, await wholeAnswer(begin(request))),
    stream: (begin, fail) => responseEvents(asked, begin(request), fail),
    closing: "",
  };
}

/** llama-server's own route, in the direct contract's words. */
function completion(body: unknown, { drawSeed, systemPrompt }: OpenAiContext): AskedRequest {
  const { isStreamed, fields } = streamField(body);
  const request = parseRequest(fields, drawSeed, systemPrompt);
  return {
    prompt: request.prompt,
    answerTokens: request.settings.n_predict,
    isStreamed,
    answer: async (begin) => answerBody(await wholeAnswer(begin(request))),
    stream: (begin) => completionChunks(begin(request)),
    closing: "",
  };
}

/** Takes `stream: true` out of a request; any other value is left for the schema to judge. */
function streamField(input: unknown): { isStreamed: boolean; fields: unknown } {
  const isStreamed =
    typeof input === "object" && input !== null && "stream" in input && input.stream === true;
  if (!isStreamed) return { isStreamed, fields: input };
  const { stream: _, ...fields } = input;
  return { isStreamed, fields };
}
