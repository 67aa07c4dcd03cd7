import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { signatureHeaders } from "./sign-request.ts";

/** One turn of a conversation. */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A way to the model: a conversation in, its next turn out, piece by piece where it streams. */
export interface ChatTransport {
  /** Where it goes, for people. */
  readonly name: string;
  answer(turns: readonly Turn[], signal: AbortSignal): AsyncIterable<string>;
}

/** Most tokens of one answer. */
const answerTokens = 512;

/** The OpenAI route of a server; a function URL's requests are signed. */
export function httpTransport(baseUrl: string, apiKey: string | undefined): ChatTransport {
  const url = new URL("/v1/chat/completions", baseUrl);
  return {
    name: url.origin,
    async *answer(messages, signal) {
      const body = JSON.stringify({ messages, stream: true, max_tokens: answerTokens });
      const headers = {
        "content-type": "application/json",
        ...(await keyHeaders(url, body, apiKey)),
      };
      const response = await fetch(url, { method: "POST", headers, body, signal });
      if (!response.ok) throw new Error(await errorText(response));
      yield* chatPieces(response);
    },
  };
}

/** `aws lambda invoke`, which answers at once. */
export function directTransport(functionName: string): ChatTransport {
  const client = new LambdaClient({});
  return {
    name: `function ${functionName}`,
    async *answer(messages, signal) {
      const event = { messages, n_predict: answerTokens };
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
        { abortSignal: signal },
      );
      const text = Payload?.transformToString() ?? "";
      if (FunctionError !== undefined) throw new Error(text);
      const { statusCode, body } = JSON.parse(text);
      const answer = JSON.parse(body);
      if (statusCode !== 200) throw new Error(answer.error.message);
      yield answer.content;
    },
  };
}

/** `https://ID.lambda-url.REGION.on.aws`. */
const functionUrl = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** With a key the URL is taken to be public; a function URL without one wants a signature. */
async function keyHeaders(url: URL, body: string, apiKey: string | undefined) {
  if (apiKey !== undefined) return { authorization: `Bearer ${apiKey}` };
  const region = functionUrl.exec(url.hostname)?.[1];
  if (region === undefined) return {};
  const credentials = await new LambdaClient({ region }).config.credentials();
  const request = { method: "POST", url, body, region, service: "lambda" };
  return signatureHeaders(request, credentials, new Date());
}

async function errorText(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return `${response.status}: ${JSON.parse(text).error.message}`;
  } catch {
    return `${response.status}: ${text.slice(0, 300)}`;
  }
}

/** The texts in a stream of chat chunks. Throws for an error in it, and where its end is missing. */
export async function* chatPieces(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const bytes of response.body ?? []) {
    const blocks = (held + decoder.decode(bytes, { stream: true })).split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.replace(/^data: /, "");
      if (data === "[DONE]") return;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      const piece = chunk.choices[0]?.delta.content ?? "";
      if (piece !== "") yield piece;
    }
  }
  throw new Error("the connection broke before the answer was complete");
}
