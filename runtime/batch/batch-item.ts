import * as z from "zod";
import type { AnswerStream } from "../answer.ts";
import { wholeAnswer } from "../answer.ts";
import { answerBody } from "../direct/response.ts";
import { AppError, type Problem } from "../errors.ts";
import type { GenerationRequest } from "../generation.ts";
import { answerObject } from "../openai/answer-object.ts";
import { type AnswerShape, chatShape, completionShape } from "../openai/answer-shape.ts";
import { parseChatRequest } from "../openai/chat-request.ts";
import { parseCompletionRequest } from "../openai/completion-request.ts";
import type { OpenAiContext, OpenAiRequest } from "../openai/openai-request.ts";
import { wholeResponse } from "../openai/responses/response-events.ts";
import { parseResponsesRequest } from "../openai/responses/responses-request.ts";
import { requestInvalid, requestProblems } from "../request/problems.ts";
import { parseRequest } from "../request/request.ts";

/** Begins an answer. */
export type Begin = (request: GenerationRequest) => AnswerStream;

/** A checked item, ready to be answered. */
export interface BatchRequest {
  /** The first prompt that it sends to the model. */
  readonly prompt: string;
  /** Most tokens of its answer, all choices together. */
  readonly answerTokens: number;
  /** The body of its response. */
  readonly answer: (begin: Begin) => Promise<object>;
}

type Parse = (body: unknown, context: OpenAiContext) => BatchRequest;

/** What an item may ask, by its `url`: the same parsers and writers as the HTTP routes have. */
const routes = {
  "/v1/chat/completions": openAiRoute(chatShape, parseChatRequest),
  "/v1/completions": openAiRoute(completionShape, parseCompletionRequest),
  "/v1/responses": parseResponses,
  "/completion": parseDirect,
} as const satisfies Readonly<Record<string, Parse>>;

/** The urls that an item may have. */
export const batchUrls = Object.keys(routes) as readonly (keyof typeof routes)[];

function openAiRoute(
  shape: AnswerShape,
  parse: (input: unknown, context: OpenAiContext) => OpenAiRequest,
): Parse {
  return (body, context) => {
    const asked = parse(body, context);
    const { prompt, settings } = asked.request;
    return {
      prompt,
      answerTokens: settings.n_predict * asked.choices,
      answer: (begin) => answerObject(shape, asked, begin),
    };
  };
}

function parseResponses(body: unknown, context: OpenAiContext): BatchRequest {
  const asked = parseResponsesRequest(body, context);
  const { prompt, settings } = asked.request;
  return {
    prompt,
    answerTokens: settings.n_predict,
    answer: async (begin) => wholeResponse(asked, await wholeAnswer(begin(asked.request))),
  };
}

function parseDirect(body: unknown, { drawSeed, systemPrompt }: OpenAiContext): BatchRequest {
  const request = parseRequest(body, drawSeed, systemPrompt);
  return {
    prompt: request.prompt,
    answerTokens: request.settings.n_predict,
    answer: async (begin) => answerBody(await wholeAnswer(begin(request))),
  };
}

/** The order of a batch: prompts that begin alike follow each other. */
export function comparePrompts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** One line of OpenAI's Batch files: a request, and the name that its answer will have. */
export const batchItemSchema = z.strictObject({
  custom_id: z.string().min(1).max(256),
  method: z.literal("POST").default("POST"),
  url: z.enum(batchUrls),
  body: z.looseObject({}),
});

const itemFields = Object.keys(batchItemSchema.shape);

/**
 * An item's request, checked as its route checks it.
 *
 * @throws AppError `request-invalid` that lists every problem by its path in the item, `model-unknown`
 */
export function parseItem(item: unknown, context: OpenAiContext): BatchRequest {
  const result = batchItemSchema.safeParse(item, { reportInput: true });
  if (!result.success) throw requestInvalid(requestProblems(result.error.issues, itemFields, {}));
  const { url, body } = result.data;
  if (body.stream === true) {
    throw requestInvalid([
      { path: "body.stream", message: "has no meaning in a batch; leave it out" },
    ]);
  }
  try {
    return routes[url](body, context);
  } catch (error) {
    if (!(error instanceof AppError) || error.details.problems === undefined) throw error;
    const problems = error.details.problems.map(inBody);
    if (error.kind === "request-invalid") throw requestInvalid(problems);
    throw new AppError(error.kind, error.message, { problems });
  }
}

function inBody({ path, message }: Problem): Problem {
  return { path: path === "request" ? "body" : `body.${path}`, message };
}
