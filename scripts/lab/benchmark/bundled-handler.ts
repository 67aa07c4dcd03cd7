import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import type { DirectResponse } from "../../../runtime/direct/response.ts";
import type { Figures } from "./in-turn.ts";

/** The URL of the bundle that Lambda runs, for `import()`. */
export const handlerUrl = () => pathToFileURL(resolve("dist/handler/handler.mjs")).href;

/** The function, in this process. */
export type BundledHandler = (event: unknown) => Promise<DirectResponse>;

/** Lambda's longest time limit. */
const invocationMs = 15 * 60 * 1000;

let copies = 0;

/** Loads another copy of the deployed bundle with these variables, to compare configurations. */
export async function loadHandler(
  variables: Readonly<Record<string, string>>,
): Promise<BundledHandler> {
  const { handler } = await withVariables(
    { BITNET_LOG_LEVEL: "error", ...variables },
    () => import(`${handlerUrl()}?copy=${copies++}`),
  );
  return (event) => {
    const endsAt = performance.now() + invocationMs;
    return handler(event, {
      awsRequestId: "benchmark",
      getRemainingTimeInMillis: () => endsAt - performance.now(),
    });
  };
}

/** Calls with more variables than this process has: composition roots read them when they start. */
export async function withVariables<Result>(
  variables: Readonly<Record<string, string>>,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = process.env;
  process.env = { ...before, ...variables };
  try {
    return await act();
  } finally {
    process.env = before;
  }
}

const figure = z.number().nullable();

const bodySchema = z.object({
  finish_reason: z.string(),
  tokens_predicted: z.number(),
  timings: z.object({ first_token_ms: figure, predicted_per_second: figure }),
});

/** The checked body of an answer. @throws Error for another status than 200 */
export function answerOf({ statusCode, body }: Pick<DirectResponse, "statusCode" | "body">) {
  if (statusCode !== 200) throw new Error(`the handler answers ${statusCode}: ${body}`);
  return bodySchema.parse(JSON.parse(body));
}

/**
 * Times one request through the handler. Figures: `total_ms` until the answer is there,
 * `first_token_ms` and `tokens_per_second` from the answer.
 *
 * @throws Error when it is refused or fails
 */
export async function runHandler(
  handler: BundledHandler,
  request: { readonly n_predict: number },
): Promise<Figures | undefined> {
  const startedAt = performance.now();
  const response = await handler(request);
  const total_ms = performance.now() - startedAt;
  const { tokens_predicted, timings } = answerOf(response);
  const { first_token_ms, predicted_per_second: tokens_per_second } = timings;
  if (tokens_predicted !== request.n_predict) return undefined;
  return knownFigures({ total_ms, first_token_ms, tokens_per_second });
}

/** The figures that were found. */
export function knownFigures(
  figures: Readonly<Record<string, number | null | undefined>>,
): Figures {
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => entry[1] != null),
  );
}
