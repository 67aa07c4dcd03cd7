import { batchItemSchema, parseItem } from "../../runtime/batch/batch-item.ts";
import { type BatchResult, errorResult } from "../../runtime/batch/batch-result.ts";
import type { BatchItem } from "../../runtime/batch/run-batch.ts";
import type { AskedRequest } from "../../runtime/contracts.ts";
import { type AppError, type Problem, toAppError } from "../../runtime/errors.ts";
import { errorResponse } from "../../runtime/openai/error-response.ts";
import type { OpenAiContext } from "../../runtime/openai/openai-request.ts";
import { parseSentJson } from "../../runtime/request/json.ts";
import { requestInvalid } from "../../runtime/request/problems.ts";

/** The path of a problem with a line as a whole, and what it is to the parser of items. */
const whole = "line";
const wholePaths: readonly string[] = [whole, "request"];

/** A line that can be answered. */
export interface CheckedItem extends BatchItem {
  /** From 1. */
  readonly line: number;
  /** As it is in the file. */
  readonly sent: BatchItem;
  readonly request: Pick<AskedRequest, "prompt" | "answerTokens">;
}

/** A line that cannot. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  /** The line's name where it has one that no other line has. */
  readonly customId: string | undefined;
  readonly error: AppError;
}

/** A file of prompts. */
export interface CheckedFile {
  readonly items: readonly CheckedItem[];
  readonly badLines: readonly BadLine[];
}

/** What a model that is not at hand would check itself: the names that requests may give it. */
export type CheckContext = Pick<OpenAiContext, "systemPrompt"> & {
  /** `undefined` takes any. */
  readonly modelName: string | undefined;
};

/** Checks every line of a file in OpenAI's Batch format, before any is answered. */
export function checkFile(file: Uint8Array | string, context: CheckContext): CheckedFile {
  const items: CheckedItem[] = [];
  const badLines: BadLine[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, bytes } of linesOf(Buffer.from(file))) {
    let customId: string | undefined;
    try {
      const sent = parseSentJson(bytes, whole);
      const name = customIdOf(sent);
      requireUnused(name, lineOf);
      customId = name;
      const request = parseItem(sent, checkContext(sent, context));
      items.push({ line, custom_id: customId ?? "", sent: sent as BatchItem, request });
    } catch (thrown) {
      badLines.push({ line, customId, error: toAppError(thrown) });
    }
    if (customId !== undefined) lineOf.set(customId, line);
  }
  return { items, badLines };
}

/** The lines that hold anything, by their numbers. */
function* linesOf(file: Buffer): Generator<{ readonly line: number; readonly bytes: Buffer }> {
  let start = 0;
  for (let line = 1; start < file.length; line++) {
    const next = file.indexOf("\n", start);
    const end = next === -1 ? file.length : next;
    const bytes = file.subarray(start, end);
    if (bytes.toString("latin1").trim() !== "") yield { line, bytes };
    start = end + 1;
  }
}

/** The name of a line, if it is one. */
function customIdOf(sent: unknown): string | undefined {
  const named = batchItemSchema.pick({ custom_id: true }).loose().safeParse(sent);
  return named.success ? named.data.custom_id : undefined;
}

function requireUnused(name: string | undefined, lineOf: ReadonlyMap<string, number>): void {
  const used = name === undefined ? undefined : lineOf.get(name);
  if (used === undefined) return;
  const message = `is that of line ${used} already; each line needs its own`;
  throw requestInvalid([{ path: "custom_id", message }]);
}

function checkContext(sent: unknown, { modelName, systemPrompt }: CheckContext): OpenAiContext {
  const { model } = (sent as { body?: { model?: unknown } } | null)?.body ?? {};
  return {
    modelName: modelName ?? (typeof model === "string" ? model : ""),
    systemPrompt,
    drawSeed: () => 0,
    hasLogprobs: true,
  };
}

/** Most lines and problems that a message lists. */
const listedProblems = 20;

/** What is wrong with a file, for its user: a line for each problem, the first ones only. */
export function fileProblems(badLines: readonly BadLine[]): string {
  const problems = badLines.flatMap(({ line, error }) =>
    (error.details.problems ?? [{ path: whole, message: error.message }]).map(
      ({ path, message }: Problem) =>
        `  line ${line}: ${wholePaths.includes(path) ? "" : `${path}: `}${message}`,
    ),
  );
  const more = problems.length - listedProblems;
  return [
    ...problems.slice(0, listedProblems),
    ...(more > 0 ? [`  … and ${more} more problems`] : []),
  ].join("\n");
}

/** A line of the output; one of the input that has no name of its own has none here either. */
export type OutputLine = Omit<BatchResult, "custom_id"> & { readonly custom_id: string | null };

/** The output of a line that is left out. */
export function badLineOutput({ line, customId, error }: BadLine): OutputLine {
  const requestId = `line-${line}`;
  const result = errorResult("", requestId, errorResponse(error, requestId));
  return { ...result, custom_id: customId ?? null };
}
