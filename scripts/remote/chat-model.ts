import { LambdaClient } from "@aws-sdk/client-lambda";
import { AwsClient } from "aws4fetch";
import OpenAI from "openai";
import * as z from "zod";
import { createRemoteFunction } from "./remote-function.ts";

/** One turn of a conversation. */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a model reports at the end of an answer. */
export interface AnswerFigures {
  readonly promptTokens: number;
  readonly predictedTokens: number;
  /** `null` when the answer was too short to measure. */
  readonly tokensPerSecond: number | null;
}

/** A piece of an answer, or the figures behind the last one where the model reports them. */
export type ChatEvent = string | AnswerFigures;

/** A model that continues a conversation. */
export interface ChatModel {
  /** Where it is, for the user. */
  readonly name: string;
  /** Streams the next turn. Rejects when the request fails or the signal aborts. */
  answer(turns: readonly Turn[], signal: AbortSignal): AsyncIterable<ChatEvent>;
}

/** Sampling parameters of every request; `repeat_penalty` is llama.cpp's own. */
export interface ChatParameters {
  readonly max_tokens: number;
  readonly temperature?: number;
  readonly repeat_penalty?: number;
}

const defaults: ChatParameters = { max_tokens: 512 };

/**
 * A model behind OpenAI's chat route.
 *
 * @param baseUrl the server, without `/v1`. Requests to a function URL are signed with the AWS
 * credentials at hand unless there is a key
 * @param apiKey sent as a bearer token
 */
export function openAiModel(
  baseUrl: string,
  apiKey: string | undefined,
  parameters: ChatParameters = defaults,
): ChatModel {
  const url = new URL(baseUrl);
  const client = new OpenAI({
    baseURL: new URL("/v1", url).href,
    apiKey: apiKey ?? "none",
    maxRetries: 0,
    fetch: apiKey === undefined ? signingFetch(url) : fetch,
  });
  let model: string | undefined;
  return {
    name: url.origin,
    async *answer(turns, signal) {
      model ??= await onlyModel(client, signal);
      const request = {
        ...parameters,
        model,
        messages: [...turns],
        stream: true as const,
        stream_options: { include_usage: true },
      };
      yield* chatEvents(await client.chat.completions.create(request, { signal }));
    },
  };
}

/** The one model that a server has. */
async function onlyModel(client: OpenAI, signal: AbortSignal): Promise<string> {
  const { data } = await client.models.list({ signal });
  return data[0]?.id ?? "";
}

/** The runtime's own figures, in the last chunk with a choice. */
const ownFields = z.object({
  bitnet: z.object({ timings: z.object({ predicted_per_second: z.number().nullable() }) }),
});

async function* chatEvents(
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
): AsyncGenerator<ChatEvent> {
  let isComplete = false;
  let tokensPerSecond: number | null = null;
  for await (const chunk of chunks) {
    const [choice] = chunk.choices;
    const text = choice?.delta.content ?? "";
    if (text !== "") yield text;
    if (choice?.finish_reason) isComplete = true;
    const own = ownFields.safeParse(chunk).data;
    if (own) tokensPerSecond = own.bitnet.timings.predicted_per_second;
    if (chunk.usage) {
      const { prompt_tokens: promptTokens, completion_tokens: predictedTokens } = chunk.usage;
      yield { promptTokens, predictedTokens, tokensPerSecond };
    }
  }
  if (!isComplete) throw new Error("the connection broke before the answer was complete");
}

/** `https://ID.lambda-url.REGION.on.aws` */
const functionUrlHost = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** Signs requests to a function URL for AWS; sends all others as they are. */
function signingFetch(url: URL): typeof fetch {
  const region = functionUrlHost.exec(url.hostname)?.[1];
  if (region === undefined) return fetch;
  const lambda = new LambdaClient({ region });
  return async (input, init) => {
    // Asked for every time, because temporary credentials expire during a long chat.
    const { accessKeyId, secretAccessKey, sessionToken } = await lambda.config.credentials();
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    const signer = new AwsClient({ ...credentials, region, service: "lambda" });
    return fetch(await signer.sign(String(input), init));
  };
}

const directAnswer = z.object({ content: z.string() });
const directRefusal = z.object({ error: z.object({ message: z.string() }) });

/** A function by direct invocation, which returns whole answers. */
export function directModel(functionName: string, client = new LambdaClient({})): ChatModel {
  const now = () => performance.now();
  const call = createRemoteFunction({ client, functionName, now });
  return {
    name: `function ${functionName}`,
    async *answer(messages, signal) {
      const event = { messages, n_predict: defaults.max_tokens };
      const { statusCode, body } = await call(event, signal);
      if (statusCode !== 200) throw new Error(directRefusal.parse(body).error.message);
      yield directAnswer.parse(body).content;
    },
  };
}
