import * as z from "zod";
import { type BatchResult, isAnswer } from "../../runtime/batch/batch-result.ts";
import { counted } from "../cli/counted.ts";
import { duration } from "../cli/progress.ts";
import type { BatchReport } from "./batch-run.ts";
import { outputFiles } from "./output.ts";

const count = z.number().nullish();

/** Token counts and timings of an answer, in whichever of the routes' shapes: OpenAI's two, and ours. */
const figuresSchema = z
  .object({
    usage: z.object({
      prompt_tokens: count,
      input_tokens: count,
      completion_tokens: count,
      output_tokens: count,
    }),
    bitnet: z.object({ timings: z.unknown() }),
    tokens_evaluated: count,
    tokens_predicted: count,
    timings: z.unknown(),
  })
  .partial()
  .transform(({ usage, bitnet, ...body }) => ({
    promptTokens: usage?.prompt_tokens ?? usage?.input_tokens ?? body.tokens_evaluated ?? 0,
    answerTokens: usage?.completion_tokens ?? usage?.output_tokens ?? body.tokens_predicted ?? 0,
    timings: bitnet?.timings ?? body.timings,
  }));

const timingsSchema = z.object({
  total_ms: z.number().nullable(),
  prompt_per_second: z.number().nullable(),
  predicted_ms: z.number().nullable(),
});

/**
 * Adds up what the answers report: tokens, `workSeconds` of the engine, and `singleSeconds` of reading
 * every prompt whole and generating, at the speeds measured; without starts.
 */
export function runFigures(results: readonly Pick<BatchResult, "response">[]) {
  const sum = { promptTokens: 0, answerTokens: 0, workSeconds: 0, singleSeconds: 0 };
  for (const { response } of results) {
    const { data } = figuresSchema.safeParse(response.body);
    if (data === undefined) continue;
    sum.promptTokens += data.promptTokens;
    sum.answerTokens += data.answerTokens;
    const timings = timingsSchema.safeParse(data.timings).data;
    sum.workSeconds += (timings?.total_ms ?? 0) / 1000;
    const rate = timings?.prompt_per_second;
    if (rate) sum.singleSeconds += data.promptTokens / rate + (timings?.predicted_ms ?? 0) / 1000;
  }
  return sum;
}

/** What a run cost. */
export interface RunCost {
  readonly usd: number;
  /** USD that the same lines would have cost one by one, at least. */
  readonly singleUsd: number;
}

/** The end of a run, for people; without a cost, of one on this machine. */
export function summary(report: BatchReport, out: string, cost?: RunCost): string {
  const { results, seconds, resumed } = report;
  const failed = results.filter((result) => !isAnswer(result)).length;
  const { promptTokens, answerTokens, singleSeconds } = runFigures(results);
  const files = outputFiles(out);
  const here = resumed > 0 ? `, ${resumed} of them in earlier runs` : "";
  return [
    `${counted(results.length - failed, "answer")} in ${files.answers}${here}`,
    ...(failed > 0 ? [`${counted(failed, "error")} in ${files.errors}`] : []),
    `${promptTokens} tokens read, ${answerTokens} generated`,
    ...(resumed === 0
      ? [`${duration(seconds)}, ${perSecond(promptTokens + answerTokens, seconds)}`]
      : [duration(seconds)]),
    costLine(cost, singleSeconds),
  ].join("\n");
}

function perSecond(tokens: number, seconds: number): string {
  return `${(tokens / seconds).toFixed(0)} tokens per second, read and generated`;
}

function costLine(cost: RunCost | undefined, singleSeconds: number): string {
  if (cost === undefined) {
    return `0 USD on this machine; one by one at least ${duration(singleSeconds)}`;
  }
  return `${dollars(cost.usd)}; one by one at least ${dollars(cost.singleUsd)}`;
}

function dollars(usd: number): string {
  return `${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
}
