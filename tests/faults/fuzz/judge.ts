import * as z from "zod";
import { errorKinds } from "../../../runtime/errors.ts";
import { metrics, metricsDimension } from "../../../runtime/metrics.ts";
import { errorMeanings } from "../../../runtime/openai/error-response.ts";
import type { Line } from "../../helpers/fakes/scripted-service.ts";
import { type FuzzAnswer, fuzzRequestId } from "./function-under-test.ts";

/** Kinds of error that a caller can cause while the engine works. */
const callersKinds = errorKinds.filter((kind) => {
  const { status } = errorMeanings[kind];
  return status >= 400 && status < 500;
});

/** The meaning of each of these kinds by its code, as callers get it. */
const meanings = new Map(
  callersKinds.map((kind) => [errorMeanings[kind].code ?? kind, errorMeanings[kind]]),
);

const problem = z.strictObject({ path: z.string().min(1), message: z.string().min(1) });

/** The documented shape of an error, and nothing else. */
const errorSchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    code: z.enum([...meanings.keys()]),
    param: z.string().min(1).nullable(),
    problems: z.array(problem).min(1).max(100).optional(),
    request_id: z.literal(fuzzRequestId),
  }),
});

/** The most characters of an error: far below the 6 MB that Lambda sends. */
const longestError = 256 * 1024;

/** Statuses of an empty body: of 204 and of HEAD, and the Invoke API's own refusals. */
const bareStatuses = [200, 204, 400, 401, 404, 405, 413];

/** Fails unless an answer is documented, and is what a request that is valid or not must get. */
export function judgeAnswer({ status, text, contentType }: FuzzAnswer, isValid?: boolean): void {
  expect({ status, isValid: isValid ?? status === 200 }).toEqual({
    status,
    isValid: status === 200,
  });
  if (text === "") expect(bareStatuses).toContain(status);
  else if (status >= 400) judgeError(status, text);
  else {
    expect(status).toBe(200);
    if (contentType.startsWith("text/event-stream")) judgeStream(text);
    // A response of `/v1/responses` has the field, and no error in it.
    else expect(JSON.parse(text).error ?? null).toBeNull();
  }
}

function judgeError(status: number, text: string): void {
  expect(text.length).toBeLessThanOrEqual(longestError);
  const { code, type } = errorSchema.parse(JSON.parse(text)).error;
  expect(meanings.get(code)).toMatchObject({ status, type });
}

/** Every event is JSON, and the last says how it ended. */
function judgeStream(text: string): void {
  const events = text.split("\n\n").map((event) => event.replace(/^(event: .*\n)?data: /, ""));
  expect(events.pop()).toBe("");
  if (events.at(-1) === "[DONE]") events.pop();
  const values = events.map((event) => JSON.parse(event));
  expect(values.filter(({ error }) => error !== undefined)).toEqual([]);
  const ends = values.filter(
    ({ stop, bitnet, response }) => stop === true || (bitnet ?? response?.bitnet) !== undefined,
  );
  expect(ends).toHaveLength(1);
}

/** The fixed sentences of the log. */
const sentence =
  /^(this route takes (GET|POST)(, POST)?|there is no such route: there are [\w /:,]+|the body must be at most \d+ bytes|the one model is `golden`|no API key was sent; send it as `Authorization: Bearer KEY` or `x-api-key: KEY`|the API key that was sent is not the one of this function)$/;

const count = z.number().nullish();

/** All that a line of the log may hold: names, counts, times, and fixed sentences. */
const lineSchema = z.strictObject({
  level: z.enum(["info", "error"]),
  event: z.enum(["request_completed", "request_failed", "client_disconnected"]),
  fields: z.strictObject({
    request_id: z.literal(fuzzRequestId),
    status: z.number().optional(),
    kind: z.enum(callersKinds).optional(),
    problems: z.number().optional(),
    message: z.string().regex(sentence).optional(),
    "gen_ai.provider.name": z.literal("bitnet-lambda").optional(),
    "gen_ai.request.model": z.literal("golden").optional(),
    "gen_ai.response.finish_reasons": z.array(z.enum(["stop", "stop_sequence"])).optional(),
    restored: z.boolean().optional(),
    _aws: z.object().optional(),
    [metricsDimension]: z.string().optional(),
    ...Object.fromEntries(Object.values(metrics).map(({ name }) => [name, count])),
  }),
});

/** Fails unless a request's lines of the log are at most one, with nothing of the caller's. */
export function judgeLog(lines: readonly Line[]): void {
  // As it is written: without what is undefined.
  z.array(lineSchema)
    .max(1)
    .parse(JSON.parse(JSON.stringify(lines)));
}
