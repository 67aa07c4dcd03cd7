import type { AdmittedCall } from "../answer.ts";
import type { AskedRequest } from "../contracts.ts";
import { AppError, type ErrorKind, toAppError } from "../errors.ts";
import { errorMeanings } from "../openai/error-response.ts";
import { requireBounds } from "../request/json.ts";
import type { Service } from "../service.ts";
import { comparePrompts, parseItem } from "./batch-item.ts";
import { answerResult, type BatchResult, errorResult } from "./batch-result.ts";

/** An item as it was sent: named, and not checked yet. */
export interface BatchItem {
  readonly custom_id: string;
}

/** What bounds a batch, and who is notified. */
export interface BatchOptions {
  readonly service: Service;
  readonly call: AdmittedCall;
  /** Time kept at the end for returning what is done, in milliseconds. */
  readonly reserveMs: number;
  /** Most bytes of the outcome, as JSON. */
  readonly outcomeBytes: number;
  readonly now: () => number;
  /** Called with each result as soon as it is there; the next item waits for it. */
  readonly onResult?: (result: BatchResult) => void | Promise<void>;
}

/** What a batch came to. Every item is in exactly one of the two. */
export interface BatchOutcome {
  readonly results: readonly BatchResult[];
  /** Not answered before the deadline or the limit of bytes: to be sent again. */
  readonly unfinished: readonly BatchItem[];
}

/** An item on its way. */
interface Planned {
  readonly item: BatchItem;
  /** Its own, made of the invocation's. */
  readonly requestId: string;
  readonly request: AskedRequest | AppError;
  /** As JSON; 0 for an item that is out of bounds, and is never unfinished. */
  readonly bytes: number;
}

/** The engine or its host is at fault, not the item: every other one would fail as well. */
const hostKinds: readonly ErrorKind[] = [
  "engine-busy",
  "engine-loading",
  "engine-missing",
  "engine-unavailable",
  "model-missing",
  "model-invalid",
];

/**
 * Answers items one after the other, sorted by their prompts: items that begin alike follow each other,
 * so that a resident engine reads what they share once. A bad item is one error among the results. The
 * first item is always answered, by what there is at the deadline; no other begins that would probably
 * not be done by then. An engine that crashes is asked once more, for that item.
 *
 * @throws AppError when there is no result at all because the engine cannot be run
 */
export async function runBatch(
  items: readonly BatchItem[],
  options: BatchOptions,
): Promise<BatchOutcome> {
  const { call, reserveMs, outcomeBytes, now } = options;
  const results: BatchResult[] = [];
  const planned = items.map((item, at) => plan(item, at, options)).sort(byPrompt);
  let bytes = planned.reduce((sum, each) => sum + each.bytes, 0);
  let longestMs = 0;
  for (const [at, each] of planned.entries()) {
    const hasTime = call.remainingMs() - reserveMs > longestMs;
    if (call.signal.aborted || (at > 0 && !hasTime)) break;
    const startedAt = now();
    const start = at === 0 ? call.start : laterStart;
    let result = await resultOf(each, { ...options, call: { ...call, start } }, at === 0);
    if (result instanceof AppError && results.length === 0) throw result;
    if (result === undefined || result instanceof AppError) break;
    bytes += jsonBytes(result) - each.bytes;
    if (bytes > outcomeBytes && at > 0) break;
    if (bytes > outcomeBytes) result = failure(each, options, tooLarge(outcomeBytes));
    longestMs = Math.max(longestMs, now() - startedAt);
    results.push(result);
    await options.onResult?.(result);
  }
  return { results, unfinished: planned.slice(results.length).map(({ item }) => item) };
}

/** The start of all items but the first, which found the engine as that one left it. */
const laterStart = { isColdStart: false, isRestored: false } as const;

function jsonBytes(value: object): number {
  const separator = 1;
  return Buffer.byteLength(JSON.stringify(value)) + separator;
}

function tooLarge(outcomeBytes: number): AppError {
  const message = `the answer does not fit into the ${outcomeBytes} bytes of an outcome: ask for fewer tokens, choices or log probabilities`;
  return new AppError("payload-too-large", message);
}

function plan(item: BatchItem, at: number, { service, call }: BatchOptions): Planned {
  const requestId = `${call.requestId}-${at}`;
  let bytes = 0;
  try {
    requireBounds(item, "item");
    bytes = jsonBytes(item);
    const request = parseItem(item, service.openAiContext(requestId));
    return { item, requestId, bytes, request };
  } catch (error) {
    return { item, requestId, bytes, request: toAppError(error) };
  }
}

function byPrompt(one: Planned, other: Planned): number {
  return comparePrompts(promptOf(one), promptOf(other));
}

function promptOf({ request }: Planned): string {
  return request instanceof AppError ? "" : request.prompt;
}

/** The line of a failure. */
function failure({ item, requestId }: Planned, options: BatchOptions, error: unknown): BatchResult {
  const { service, call } = options;
  return errorResult(item.custom_id, requestId, service.fail(error, { ...call, requestId }));
}

/**
 * The line of an item; `undefined` when time ran out and it may be asked again, an error when the
 * engine cannot be run.
 */
async function resultOf(
  each: Planned,
  options: BatchOptions,
  isFirst: boolean,
): Promise<BatchResult | AppError | undefined> {
  const { item, requestId, request } = each;
  const { service, call } = options;
  if (request instanceof AppError) return failure(each, options, request);
  for (let isRetry = false; ; isRetry = true) {
    let isCut = false;
    try {
      const body = await request.answer((generation) => {
        const stream = service.begin(generation, { ...call, requestId });
        return { ...stream, events: watched(stream.events, () => (isCut = true)) };
      });
      if (isCut && !isFirst) return undefined;
      return answerResult(item.custom_id, requestId, body);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (call.signal.aborted) return undefined;
      if (error.kind === "deadline-exceeded" && !isFirst) return undefined;
      if (!isRetry && errorMeanings[error.kind].isRetryable) continue;
      return hostKinds.includes(error.kind) ? error : failure(each, options, error);
    }
  }
}

/** Events as they come; notices an end by the deadline. */
async function* watched<Event extends { readonly type: string; readonly finishReason?: string }>(
  events: AsyncGenerator<Event>,
  onDeadline: () => void,
): AsyncGenerator<Event> {
  for await (const event of events) {
    if (event.finishReason === "deadline") onDeadline();
    yield event;
  }
}
