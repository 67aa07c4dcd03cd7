import * as z from "zod";
import { type BatchResult, isAnswer } from "../../runtime/batch/batch-result.ts";
import type { BatchReport } from "./batch-run.ts";
import { outputFiles } from "./output.ts";
import { duration } from "./progress.ts";

const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

/** Token counts and timings of an answer, in whichever of the routes' shapes: OpenAI's two, and ours. */
const figuresSchema = z.union([
  z
    .object({
      usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }),
      bitnet: z.object({ timings: z.unknown() }),
    })
    .transform(({ usage, bitnet }) =>
      figures(usage.prompt_tokens, usage.completion_tokens, bitnet),
    ),
  z
    .object({
      usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }),
      bitnet: z.object({ timings: z.unknown() }),
    })
    .transform(({ usage, bitnet }) => figures(usage.input_tokens, usage.output_tokens, bitnet)),
  z
    .object({ tokens_evaluated: count, tokens_predicted: z.number(), timings: z.unknown() })
    .transform((body) => figures(body.tokens_evaluated, body.tokens_predicted, body)),
]);

function figures(promptTokens: number, answerTokens: number, { timings }: { timings?: unknown }) {
  return { promptTokens, answerTokens, timings };
}

const timingsSchema = z.object({
  total_ms: z.number().nullable(),
  prompt_per_second: z.number().nullable(),
  predicted_ms: z.number().nullable(),
});

/** Tokens of a run, and how long single calls would have worked on it. */
export interface RunFigures {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Seconds that the engine worked. */
  readonly workSeconds: number;
  /** Seconds of reading every prompt whole and generating, at the speeds measured; without starts. */
  readonly singleSeconds: number;
}

/** Adds up what the answers report. */
export function runFigures(results: readonly Pick<BatchResult, "response">[]): RunFigures {
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
  /** USD; `undefined` on this machine. */
  readonly usd: number | undefined;
  /** USD that the same lines would have cost one by one, at least. */
  readonly singleUsd: number | undefined;
}

/** The end of a run, for people. */
export function summary(report: BatchReport, out: string, cost: RunCost): string {
  const { results, seconds, resumed } = report;
  const failed = results.filter((result) => !isAnswer(result)).length;
  const { promptTokens, answerTokens, singleSeconds } = runFigures(results);
  const files = outputFiles(out);
  const here = resumed > 0 ? `, ${resumed} of them in earlier runs` : "";
  return [
    `${results.length - failed} answers in ${files.answers}${here}`,
    ...(failed > 0 ? [`${failed} errors in ${files.errors}`] : []),
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

function costLine({ usd, singleUsd }: RunCost, singleSeconds: number): string {
  if (usd === undefined) {
    return `0 USD on this machine; one by one at least ${duration(singleSeconds)}`;
  }
  const single = singleUsd === undefined ? "" : `; one by one at least ${dollars(singleUsd)}`;
  return `${dollars(usd)}${single}`;
}

function dollars(usd: number): string {
  return `${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
}
