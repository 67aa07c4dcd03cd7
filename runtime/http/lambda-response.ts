import type { Writable } from "node:stream";
import { writeBody } from "./response-body.ts";

/** What Lambda's runtime puts into the global scope of a streaming function; the part used here. */
export interface AwsLambda {
  streamifyResponse<Event, Context>(
    handler: (event: Event, stream: Writable, context: Context) => Promise<void>,
  ): unknown;
  readonly HttpResponseStream: {
    from(stream: Writable, head: ResponseHead): Writable;
  };
}

/** Status and headers as a function URL takes them. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole response as a buffered function URL takes it. */
export interface BufferedResponse extends ResponseHead {
  readonly body: string;
}

/** A response to its end, for a function URL in the `BUFFERED` invoke mode. */
export async function bufferedResponse(response: Response): Promise<BufferedResponse> {
  return { ...headOf(response), body: await response.text() };
}

/** Sends a response as it comes, for a function URL in the `RESPONSE_STREAM` invoke mode. */
export async function streamResponse(
  awslambda: AwsLambda,
  stream: Writable,
  response: Response,
): Promise<void> {
  const httpStream = awslambda.HttpResponseStream.from(stream, headOf(response));
  // Status and headers leave with the first write, so there has to be one.
  httpStream.write("");
  await writeBody(response, httpStream);
}

function headOf({ status, headers }: Response): ResponseHead {
  return { statusCode: status, headers: Object.fromEntries(headers) };
}
