import * as z from "zod";
import { errorKinds } from "../../../runtime/errors.ts";
import { metrics, metricsDimension } from "../../../runtime/metrics.ts";
import { errorMeanings } from "../../../runtime/openai/error-response.ts";
import type { Line } from "../../helpers/fakes/scripted-service.ts";
import { type FuzzAnswer, fuzzRequestId } from "./function-under-test.ts";
import type { Expectation } from "./requests.ts";

/** Kinds of error that a caller can cause while the engine works. */
const callersKinds = errorKinds.filter((kind) => {
  const { status } = errorMeanings[kind];
  return status >= 400 && status < 500;
});

/** The code of each of these kinds, as callers get it. */
const kindOfCode = new Map(callersKinds.map((kind) => [errorMeanings[kind].code ?? kind, kind]));

/** The documented shape of an error, and nothing else. */
const errorBodySchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    code: z.enum([...kindOfCode.keys()]),
    param: z.string().min(1).nullable(),
    problems: z
      .array(z.strictObject({ path: z.string().min(1), message: z.string().min(1) }))
      .min(1)
      .max(100)
      .optional(),
    request_id: z.literal(fuzzRequestId),
  }),
});

/** The most characters of an error: far below the 6 MB that Lambda sends. */
const longestError = 256 * 1024;

/** What is wrong with an answer; `undefined` when nothing is. */
export function answerFault(answer: FuzzAnswer, expected: Expectation): string | undefined {
  const { status, text, contentType } = answer;
  if (expected === "answer" && status !== 200) return `a good request gets ${status}: ${text}`;
  if (expected === "refusal" && status === 200) return "a bad request is answered";
  // Bodies of 204 and of HEAD; the Invoke API's own refusals.
  if (text === "")
    return [200, 204, 400, 401, 404, 405, 413].includes(status) ? undefined : `a bare ${status}`;
  if (status >= 400) return errorFault(answer);
  if (status !== 200) return `status ${status}`;
  if (contentType.startsWith("text/event-stream")) return streamFault(text);
  // A response of `/v1/responses` has the field, and no error in it.
  return JSON.parse(text).error ? "an error with status 200" : undefined;
}

function errorFault({ status, text }: FuzzAnswer): string | undefined {
  if (text.length > longestError) return `an error of ${text.length} characters`;
  const { data, error } = errorBodySchema.safeParse(JSON.parse(text));
  if (error) return `an error in another shape, status ${status}: ${text.slice(0, 200)}`;
  const { code, type } = data.error;
  const kind = kindOfCode.get(code);
  const meaning = kind && errorMeanings[kind];
  return meaning?.status === status && meaning.type === type
    ? undefined
    : `status ${status} and type ${type} for ${code}`;
}

/** Every event is JSON, and the last says how it ended. */
function streamFault(text: string): string | undefined {
  const events = text.split("\n\n").map((event) => event.replace(/^(event: .*\n)?data: /, ""));
  if (events.pop() !== "") return "a stream that is cut";
  const isOpenAi = events.at(-1) === "[DONE]";
  const values = events.slice(0, isOpenAi ? -1 : undefined).map((event) => JSON.parse(event));
  if (values.some(({ error }) => error !== undefined)) return "an error in a stream";
  const ends = values.filter(
    ({ stop, bitnet, response }) => stop === true || (bitnet ?? response?.bitnet) !== undefined,
  );
  return ends.length === 1 ? undefined : `${ends.length} ends of a stream`;
}

const counts = z.number().nullish();

/** The fixed sentences of the log. */
const sentence =
  /^(this route takes (GET|POST)(, POST)?|there is no such route: there are [\w /:,]+|the body must be at most \d+ bytes|the one model is `golden`|no API key was sent; send it as `Authorization: Bearer KEY` or `x-api-key: KEY`|the API key that was sent is not the one of this function)$/;

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
    ...Object.fromEntries(Object.values(metrics).map(({ name }) => [name, counts])),
  }),
});

/** What is wrong with the log lines of one request; they may hold nothing of the caller's. */
export function logFault(lines: readonly Line[]): string | undefined {
  if (lines.length > 1) return `${lines.length} lines for one request`;
  // As it is written: without what is undefined.
  const { error } = z.array(lineSchema).safeParse(JSON.parse(JSON.stringify(lines)));
  return error && `a log line with ${error.message}: ${JSON.stringify(lines[0])}`;
}
