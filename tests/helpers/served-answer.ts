/** A whole answer of `POST /completion`. */
export interface WholeAnswer {
  readonly status: number;
  readonly content: string | undefined;
  readonly finishReason: string | undefined;
  /** The kind of error. */
  readonly code: string | undefined;
  /** What the answer itself says that it took. */
  readonly engineMs?: number | undefined;
  readonly tookMs: number;
}

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

/** An answer of the direct contract, as text, to a question that was put at a time. */
export function wholeAnswer(status: number, body: string, startedAt: number): WholeAnswer {
  const { content, finish_reason, error, timings } = JSON.parse(body);
  return {
    status,
    content,
    finishReason: finish_reason,
    code: error?.code,
    engineMs: timings?.total_ms,
    tookMs: performance.now() - startedAt,
  };
}

/** How a stream is asked for. */
export interface StreamQuestion {
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
  const { body, isBroken } = await readToEnd(response, onPiece);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const lines = isStream
    ? body
        .split("\n\n")
        .filter((line) => line !== "")
        .map((line) => line.replace(/^data: /, ""))
    : [body];
  const events = lines.filter((line) => line !== "[DONE]").map((line) => JSON.parse(line));
  const errors = events.filter((event) => event.error !== undefined);
  const choices = events.flatMap((event) => event.choices ?? []);
  return {
    status: response.status,
    content: choices.map(({ delta }) => delta.content ?? "").join(""),
    finishReason: choices.find(({ finish_reason }) => finish_reason)?.finish_reason,
    code: errors[0]?.error.code,
    tookMs: performance.now() - startedAt,
    errors: errors.length,
    isDone: lines.at(-1) === "[DONE]",
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

async function readToEnd(
  response: Response,
  onPiece: () => void = () => {},
): Promise<{ body: string; isBroken: boolean }> {
  const decoder = new TextDecoder();
  let body = "";
  try {
    for await (const bytes of response.body ?? []) {
      body += decoder.decode(bytes, { stream: true });
      onPiece();
    }
    return { body, isBroken: false };
  } catch {
    return { body, isBroken: true };
  }
}

/** How an answer ended, for a row. */
export function outcomeOf({ status, code, finishReason }: WholeAnswer): string {
  if (code === undefined) return `${status} ${finishReason}`;
  return status === 200 ? `stream cut by an error event ${code}` : `${status} ${code}`;
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
  const told = { ...answer, context };
  if (wholeText !== undefined && answer.finishReason !== undefined) {
    expect(told).toMatchObject({ context, status: 200, content: wholeText, code: undefined });
    return;
  }
  expect(told).toMatchObject({
    context,
    finishReason: undefined,
    code: expect.stringMatching(/^(engine|model)-/),
  });
  if ("isDone" in answer) {
    expect(told).toMatchObject({ context, errors: 1, isDone: false, isBroken: false });
    if (answer.status === 200) return;
  }
  expect({ context, isError: [500, 503].includes(answer.status) }).toEqual({
    context,
    isError: true,
  });
}
