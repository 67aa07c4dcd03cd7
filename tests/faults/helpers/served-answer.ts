import { type WholeAnswer, wholeAnswer } from "../../helpers/handler-host.ts";

/** A streamed answer of `POST /v1/chat/completions`, to its end. */
export interface StreamedAnswer extends WholeAnswer {
  /** Error events in the stream. */
  readonly errors: number;
  /** It ended with `[DONE]`. */
  readonly isDone: boolean;
  /** The connection broke before the stream's end. */
  readonly isBroken: boolean;
}

/** Asks for a whole answer. */
export async function askWhole(url: string, signal?: AbortSignal): Promise<WholeAnswer> {
  const startedAt = performance.now();
  const response = await post(url, "/completion", { prompt: "Hi there" }, signal);
  return wholeAnswer(response.status, await response.text(), startedAt);
}

/** Settings of a streamed request. */
interface StreamQuestion {
  readonly signal?: AbortSignal | undefined;
  /** Fields of the request besides the message. */
  readonly settings?: object;
  /** Called for each piece that arrives. */
  readonly onPiece?: () => void;
}

/** Asks for a stream and reads it to its end. */
export async function streamAnswer(
  url: string,
  { signal, settings, onPiece }: StreamQuestion = {},
): Promise<StreamedAnswer> {
  const startedAt = performance.now();
  const question = { messages: [{ role: "user", content: "Hi there" }], stream: true, ...settings };
  const response = await post(url, "/v1/chat/completions", question, signal);
  let body = "";
  let isBroken = false;
  try {
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      body += piece;
      onPiece?.();
    }
  } catch {
    isBroken = true;
  }
  const lines = body.split("\n\n").filter((line) => line !== "");
  const isDone = lines.at(-1) === "data: [DONE]";
  const events = lines
    .slice(0, isDone ? -1 : undefined)
    .map((line) => JSON.parse(line.replace(/^data: /, "")));
  const errors = events.filter((event) => event.error !== undefined);
  const choices = events.flatMap((event) => event.choices ?? []);
  return {
    status: response.status,
    content: choices.map(({ delta }) => delta.content ?? "").join(""),
    finishReason: choices.find(({ finish_reason }) => finish_reason)?.finish_reason,
    code: errors[0]?.error.code,
    tookMs: performance.now() - startedAt,
    errors: errors.length,
    isDone,
    isBroken,
  };
}

function post(url: string, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(new URL(path, url), {
    method: "POST",
    // A connection that is kept open would look like one that was forgotten.
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/**
 * Fails unless an answer is either the whole text, with its end, or says by its status that there
 * is none. A stream says it by a status, or by one error event and no `[DONE]`.
 *
 * @param wholeText the only text that may be shown as complete; without one, none may be
 */
export function expectHonest(
  answer: WholeAnswer | StreamedAnswer,
  context: unknown,
  wholeText?: string,
): void {
  const isStream = "isDone" in answer;
  const whole = { status: 200, content: wholeText, code: undefined };
  const failed = {
    finishReason: undefined,
    code: expect.stringMatching(/^(engine|model)-/),
    ...(isStream && { errors: 1, isDone: false, isBroken: false }),
  };
  const isWhole = wholeText !== undefined && answer.finishReason !== undefined;
  expect({ ...answer, context }).toMatchObject({ context, ...(isWhole ? whole : failed) });
  expect(isWhole || isStream ? [200, 500, 503] : [500, 503]).toContain(answer.status);
}
