import { wholeAnswer } from "../answer.ts";
import type { Config } from "../config.ts";
import { requireApiKey } from "../http/api-key.ts";
import { parseRequest } from "../request/request.ts";
import type { Service } from "../service.ts";
import { requestOfEvent } from "./event.ts";
import { answerBody, type DirectResponse, directResponse } from "./response.ts";

/** What Lambda tells of an invocation; the part used here. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Whether a streaming function's next invocation waits until nothing is under way any more. */
  callbackWaitsForEmptyEventLoop?: boolean;
  getRemainingTimeInMillis(): number;
}

/** What a direct invocation stands on. */
export interface DirectInvocationParts {
  readonly config: Pick<Config, "apiKeySha256">;
  readonly service: Service;
}

/** The Lambda handler of the direct contract: event in, `{statusCode, body}` out, never throws. */
export type DirectInvocation = (
  event: unknown,
  context: InvocationContext,
) => Promise<DirectResponse>;

/** A direct invocation handler. */
export function createDirectInvocation({
  config,
  service,
}: DirectInvocationParts): DirectInvocation {
  return async (event, context) => {
    const requestId = context.awsRequestId;
    const call = service.admit({
      requestId,
      remainingMs: () => context.getRemainingTimeInMillis(),
      // Lambda does not tell a direct invocation that its caller has gone.
      signal: new AbortController().signal,
    });
    try {
      requireApiKey(event, config.apiKeySha256);
      const request = parseRequest(
        requestOfEvent(event),
        () => service.drawSeed(requestId),
        service.systemPrompt,
      );
      return directResponse(200, answerBody(await wholeAnswer(service.begin(request, call))));
    } catch (thrown) {
      const { status, body } = service.fail(thrown, requestId);
      return directResponse(status, body);
    }
  };
}
