import { LambdaClient } from "@aws-sdk/client-lambda";
import { AwsClient } from "aws4fetch";
import OpenAI from "openai";
import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import type { ChatEvent, ChatModel } from "./chat.ts";
import { createRemoteFunction } from "./remote-function.ts";

/** Tokens of an answer at most. */
const answerTokens = 512;

/**
 * The model behind OpenAI's chat route.
 *
 * @param endpoint the server, without `/v1`. Requests to a function URL are signed with the AWS
 * credentials at hand unless there is a key
 * @param apiKey sent as a bearer token
 * @throws UserError when the server cannot be reached, or refuses to name its model
 */
export async function connectChat(endpoint: string, apiKey?: string): Promise<ChatModel> {
  const url = new URL(endpoint);
  const client = new OpenAI({
    baseURL: new URL("/v1", url).href,
    apiKey: apiKey ?? "none",
    maxRetries: 0,
    fetch: apiKey === undefined ? signingFetch(url) : fetch,
  });
  const { data } = await client.models.list().catch(notConnected(url.origin));
  const model = data[0]?.id ?? "";
  return {
    name: `${model} at ${url.origin}`,
    async *answer(turns, signal) {
      const request = {
        model,
        messages: [...turns],
        max_tokens: answerTokens,
        stream: true as const,
        stream_options: { include_usage: true },
      };
      yield* chatEvents(await client.chat.completions.create(request, { signal }));
    },
  };
}

/** What to do about a server that does not answer, by the system's code or the HTTP status. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start `make local`, or name a server (ENDPOINT=https://…)",
  ENOTFOUND: "there is no such host, or no network: check ENDPOINT",
  "401": "it needs an API key: API_KEY=… make chat",
  "403": "AWS refuses the signature: check the AWS credentials, or set API_KEY for a public URL",
  "404": "it is not this function: check ENDPOINT",
};

function notConnected(origin: string) {
  return (error: unknown): never => {
    const { code, status, message } = innermost(error);
    throw new UserError(`${origin}: ${advice[status ?? code ?? ""] ?? message}`, { cause: error });
  };
}

/** The innermost cause, which says why a server could not be reached. */
function innermost(error: unknown): Error & { code?: string; status?: number } {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause === undefined ? error : innermost(error.cause);
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
export function directModel(functionName: string): ChatModel {
  const client = new LambdaClient({});
  const call = createRemoteFunction({ client, functionName });
  return {
    name: `function ${functionName}`,
    async *answer(messages, signal) {
      const event = { messages, n_predict: answerTokens };
      const { statusCode, body } = await call(event, signal);
      if (statusCode !== 200) throw new Error(directRefusal.parse(body).error.message);
      yield directAnswer.parse(body).content;
    },
  };
}
