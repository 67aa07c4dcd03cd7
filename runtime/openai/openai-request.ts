import type * as z from "zod";
import { AppError, type Problem } from "../errors.ts";
import type { GenerationRequest } from "../generation.ts";
import { requestInvalid, requestProblems } from "../request/problems.ts";
import { sizeProblems } from "../request/request.ts";
import { openAiBounds } from "./sampling-fields.ts";
import {
  siftFields,
  type UnsupportedFields,
  unsupportedInCompletions,
} from "./unsupported-fields.ts";

/** A request of an OpenAI route, ready for the engine. */
export interface OpenAiRequest {
  readonly request: GenerationRequest;
  readonly isStreamed: boolean;
  /** Answers to give; the seed of each is one more than that of the one before. */
  readonly choices: number;
  /** The stream shall end with a chunk of its own for the token counts. */
  readonly hasUsageChunk: boolean;
  /** Each chunk shall have the token counts so far. */
  readonly hasRunningUsage: boolean;
  /** The answer is written by the grammar of tool calls. */
  readonly mayCallTools?: boolean;
}

/** What a request is checked with besides its schema. */
export interface OpenAiContext {
  readonly modelName: string;
  /** For conversations without a system message. */
  readonly systemPrompt: string | undefined;
  readonly drawSeed: () => number;
  /** The engine reports probabilities. */
  readonly hasLogprobs: boolean;
}

type WithModel = { readonly model?: string | undefined };

/**
 * The fields of a request under OpenAI's names, checked.
 *
 * @param normalize converts the several forms that OpenAI allows for one thing into one, and reports
 * what it could not convert
 * @throws AppError `request-invalid` that lists every problem, `model-unknown`
 */
export function parseFields<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  input: unknown,
  modelName: string,
  normalize: (fields: Readonly<Record<string, unknown>>) => Normalized,
  unsupported: UnsupportedFields = unsupportedInCompletions,
): z.output<z.ZodObject<Shape>> {
  const sifted = siftFields(input, Object.keys(schema.shape), unsupported);
  const normalized = isFields(sifted.fields)
    ? normalize(withStopList(sifted.fields))
    : { fields: sifted.fields, problems: [] };
  const result = schema.safeParse(normalized.fields, { reportInput: true });
  const problems = [
    ...sifted.problems,
    ...normalized.problems,
    ...requestProblems(result.error?.issues ?? [], Object.keys(schema.shape), openAiBounds),
  ];
  if (!result.success || problems.length > 0) throw requestInvalid(problems);
  requireModel(result.data as WithModel, modelName);
  return result.data;
}

/** Fields in one form, and what is wrong with those that have none. */
export interface Normalized {
  readonly fields: unknown;
  readonly problems: readonly Problem[];
}

function isFields(fields: unknown): fields is Readonly<Record<string, unknown>> {
  return typeof fields === "object" && fields !== null && !Array.isArray(fields);
}

/** `stop: "x"` means `stop: ["x"]`, and `stop: ""` none. */
function withStopList(fields: Readonly<Record<string, unknown>>) {
  const { stop } = fields;
  if (typeof stop !== "string") return fields;
  return { ...fields, stop: stop === "" ? [] : [stop] };
}

function requireModel({ model }: WithModel, modelName: string): void {
  if (model === undefined || model === modelName) return;
  const message = `model: is not served here; the one model is \`${modelName}\``;
  throw new AppError("model-unknown", message, {
    problems: [{ path: "model", message: `must be \`${modelName}\`` }],
  });
}

/** Throws where probabilities are asked of an engine that reports none. */
export function requireLogprobs(path: string, { hasLogprobs }: OpenAiContext): void {
  if (hasLogprobs) return;
  const message = "needs the resident engine: deploy with BITNET_ENGINE=llama-server";
  throw requestInvalid([{ path, message }]);
}

/** Throws when texts together are longer than a prompt may be. */
export function requireSize(texts: Readonly<Record<string, unknown>>): void {
  const problems = sizeProblems(texts);
  if (problems.length > 0) throw requestInvalid(problems);
}

/** Fields about how, and how often, a request is answered. */
interface DeliveryFields {
  readonly n: number;
  readonly stream: boolean;
  readonly stream_options?:
    | { readonly include_usage: boolean; readonly continuous_usage_stats: boolean }
    | undefined;
}

/** A request with how it is to be answered. @throws AppError `request-invalid` */
export function delivered(generation: GenerationRequest, fields: DeliveryFields): OpenAiRequest {
  if (fields.stream_options !== undefined && !fields.stream) {
    const problem = { path: "stream_options", message: "needs `stream: true`" };
    throw requestInvalid([problem]);
  }
  const hasUsageChunk = fields.stream_options?.include_usage ?? false;
  const hasRunningUsage = fields.stream_options?.continuous_usage_stats ?? false;
  if (hasRunningUsage && !hasUsageChunk) {
    const path = "stream_options.continuous_usage_stats";
    throw requestInvalid([{ path, message: "needs `include_usage: true`" }]);
  }
  return {
    request: { ...generation, ...(hasRunningUsage && { countsPrompt: true }) },
    isStreamed: fields.stream,
    choices: fields.n,
    hasUsageChunk,
    hasRunningUsage,
  };
}
