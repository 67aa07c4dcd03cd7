import * as z from "zod";
import { type AskedRequest, contracts } from "../contracts.ts";
import { AppError, type Problem } from "../errors.ts";
import type { OpenAiContext } from "../openai/openai-request.ts";
import { requestInvalid, requestProblems } from "../request/problems.ts";

/** The urls that an item may have. */
export const batchUrls = Object.keys(contracts) as readonly (keyof typeof contracts)[];

/** The order of a batch: prompts that begin alike follow each other. */
export function comparePrompts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** One line of OpenAI's Batch files: a request, and the name that its answer will have. */
export const batchItemSchema = z.strictObject({
  custom_id: z.string().min(1).max(256),
  method: z.literal("POST").default("POST"),
  url: z.enum(batchUrls),
  body: z.looseObject({}),
});

const itemFields = Object.keys(batchItemSchema.shape);

/**
 * An item's request, checked as its route checks it.
 *
 * @throws AppError `request-invalid` that lists every problem by its path in the item, `model-unknown`
 */
export function parseItem(item: unknown, context: OpenAiContext): AskedRequest {
  const result = batchItemSchema.safeParse(item, { reportInput: true });
  if (!result.success) throw requestInvalid(requestProblems(result.error.issues, itemFields, {}));
  const { url, body } = result.data;
  if (body.stream === true) {
    throw requestInvalid([
      { path: "body.stream", message: "has no meaning in a batch; leave it out" },
    ]);
  }
  try {
    return contracts[url](body, context);
  } catch (error) {
    if (!(error instanceof AppError) || error.details.problems === undefined) throw error;
    const problems = error.details.problems.map(inBody);
    if (error.kind === "request-invalid") throw requestInvalid(problems);
    throw new AppError(error.kind, error.message, { problems });
  }
}

function inBody({ path, message }: Problem): Problem {
  return { path: path === "request" ? "body" : `body.${path}`, message };
}
