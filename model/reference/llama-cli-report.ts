/**
 * The lines that llama-cli writes to stderr about a run, as recorded; the runtime reads counts and
 * timings from them. (llama_perf_context_print of src/llama.cpp and llama_perf_sampler_print of
 * src/llama-sampling.cpp, llama.cpp@1f86f058, read 2026-11.)
 */
import type { SamplingSettings } from "./sampler.ts";
import { batchTokens, type RunCounts } from "./token-loop.ts";

/** The closing lines. As in llama.cpp, a count of zero is printed as one. */
export function performanceReport(counts: RunCounts, nowMs: number): string {
  const { loadMs, promptMs, evaluationMs, samples, sampleMs } = counts;
  const promptTokens = Math.max(1, counts.promptTokens);
  const runs = Math.max(1, counts.evaluations);
  const lines = [
    `llama_perf_sampler_print:    sampling time = ${ms(sampleMs)} ms / ${count(samples)} runs   ${rates(sampleMs, samples)}`,
    `llama_perf_context_print:        load time = ${ms(loadMs)} ms`,
    `llama_perf_context_print: prompt eval time = ${ms(promptMs)} ms / ${count(promptTokens)} tokens ${rates(promptMs, promptTokens)}`,
    `llama_perf_context_print:        eval time = ${ms(evaluationMs)} ms / ${count(runs)} runs   ${rates(evaluationMs, runs)}`,
    `llama_perf_context_print:       total time = ${ms(nowMs - counts.startMs)} ms / ${count(promptTokens + runs)} tokens`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What the report names of a run. */
interface RunSettings {
  readonly sampling: SamplingSettings;
  readonly contextTokens: number;
  readonly predictTokens: number;
  readonly keepTokens: number;
}

/** The block of the sampler's settings, and behind it the line of the run's. */
export function samplerReport({ sampling, ...run }: RunSettings): string {
  const { temperature, topK, topP, minP, repeatPenalty, repeatLastTokens } = sampling;
  const { presencePenalty, frequencyPenalty } = sampling;
  const isGreedy = temperature <= 0;
  const chain = isGreedy ? greedyChain : sampledChain;
  return `sampler seed: ${isGreedy ? 0xffffffff : sampling.seed}
sampler params: 
\trepeat_last_n = ${repeatLastTokens}, repeat_penalty = ${fixed(repeatPenalty, 3)}, frequency_penalty = ${fixed(frequencyPenalty, 3)}, presence_penalty = ${fixed(presencePenalty, 3)}
\ttop_k = ${topK}, tfs_z = 1.000, top_p = ${fixed(topP, 3)}, min_p = ${fixed(minP, 3)}, typical_p = 1.000, temp = ${fixed(temperature, 3)}
\tmirostat = 0, mirostat_lr = 0.100, mirostat_ent = 5.000
sampler chain: ${chain.map((step) => `${step} `).join("-> ")}
generate: n_ctx = ${run.contextTokens}, n_batch = ${batchTokens}, n_predict = ${run.predictTokens}, n_keep = ${run.keepTokens}

`;
}

const greedyChain = ["logits", "logit-bias", "penalties", "greedy"];
// biome-ignore format: one list
const sampledChain = [
  "logits", "logit-bias", "penalties", "top-k", "tail-free", "typical", "top-p", "min-p",
  "temp-ext", "softmax", "dist",
];

function rates(timeMs: number, items: number): string {
  const perItem = fixed(timeMs / items, 2).padStart(8);
  const perSecond = fixed((1e3 / timeMs) * items, 2).padStart(8);
  return `(${perItem} ms per token, ${perSecond} tokens per second)`;
}

function ms(value: number): string {
  return fixed(value, 2).padStart(10);
}

function count(value: number): string {
  return String(value).padStart(5);
}

/** printf's %.*f, with its words for what is no number. */
function fixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "-nan";
  if (Number.isFinite(value)) return value.toFixed(decimals);
  return value > 0 ? "inf" : "-inf";
}
