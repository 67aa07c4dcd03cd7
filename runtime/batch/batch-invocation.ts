import * as z from "zod";
import type { Config } from "../config.ts";
import type { InvocationContext } from "../direct/invocation.ts";
import { requestInvalid, requestProblems } from "../request/problems.ts";
import type { Service } from "../service.ts";
import { type BatchItem, type BatchOutcome, runBatch } from "./run-batch.ts";

/** Most bytes of an outcome, unless the event asks for less: Lambda's limit is 6 MB. */
const mostBytes = 5.5 * 1024 * 1024;

const itemsSchema = z
  .array(z.looseObject({ custom_id: z.string().min(1) }))
  .min(1)
  .refine(areDistinct, "must have a custom_id of its own for each item");

const batchEventSchema = z.strictObject({
  batch: z.strictObject({
    items: itemsSchema,
    /** For callers with a smaller limit than Lambda's, such as Step Functions. */
    outcome_bytes: z.int().min(1).max(mostBytes).default(mostBytes),
  }),
});

function areDistinct(items: readonly BatchItem[]): boolean {
  return new Set(items.map(({ custom_id }) => custom_id)).size === items.length;
}

/** True for an event with many items, not one request. */
export function isBatchEvent(event: unknown): event is { readonly batch: unknown } {
  return typeof event === "object" && event !== null && Object.hasOwn(event, "batch");
}

/** Dependencies of a batch invocation. */
export interface BatchDependencies {
  readonly config: Pick<Config, "deadlineReserveMs">;
  /** Of all invocations: the first one is the cold start. */
  readonly service: Service;
  /** Runs something on a service whose engine stays loaded meanwhile. */
  readonly withResidentService: <Value>(
    use: (service: Service) => Promise<Value>,
  ) => Promise<Value>;
}

/**
 * Answers an event `{"batch": {"items": […]}}`, whose items are lines of OpenAI's Batch format.
 *
 * @throws AppError `request-invalid` when the event itself is wrong, and whatever keeps the engine from
 * running at all: then the invocation fails
 */
export async function invokeBatch(
  { config, service, withResidentService }: BatchDependencies,
  event: unknown,
  context: InvocationContext,
): Promise<BatchOutcome> {
  const result = batchEventSchema.safeParse(event, { reportInput: true });
  if (!result.success) throw requestInvalid(requestProblems(result.error.issues, ["batch"], {}));
  const { items, outcome_bytes } = result.data.batch;
  const call = service.admit({
    requestId: context.awsRequestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    // Lambda does not report the disconnect of a direct invocation's caller.
    signal: new AbortController().signal,
  });
  try {
    return await withResidentService((resident) =>
      runBatch(items, {
        service: resident,
        call,
        reserveMs: config.deadlineReserveMs,
        outcomeBytes: outcome_bytes,
        now: () => performance.now(),
      }),
    );
  } catch (thrown) {
    service.fail(thrown, call);
    throw thrown;
  }
}
