/**
 * A run of llama-cli's command line, from arguments to exit code, as examples/main/main.cpp of
 * llama.cpp@1f86f058 (read 2026-11). As there, a prompt that ends with an end token is answered
 * with nothing, and a NUL byte ends the text of its token.
 */
import {
  engineFlags,
  numberOf,
  type OpenEngine,
  openEngine,
  ProgramError,
  readFlags,
} from "./command-line.ts";
import { Sampler, type SamplingSettings, samplingSettings } from "./sampler.ts";
import { readTokenGrammar } from "./token-grammar.ts";
import { generatedTokens, RunCounts } from "./token-loop.ts";
import { lineFeedToken, tokenizePrompt } from "./tokenizer.ts";
import { untilNul } from "./vocabulary.ts";

/** What a run reads and writes. */
export interface LlamaCliStreams {
  /** Throws the system's error. */
  readFile(path: string): Buffer;
  /** Resolves when the bytes are written. */
  writeOutput(bytes: Uint8Array | string): Promise<void>;
  writeError(text: string): void;
}

const text = { type: "string" } as const;
// Sent with every request: this engine always behaves like that.
const alwaysOn = { type: "boolean" } as const;

const flags = {
  ...engineFlags,
  "binary-file": { type: "string", default: "" },
  // -1 ends only where the model or the context does.
  predict: { type: "string", default: "-1" },
  grammar: { type: "string", default: "" },
  "logit-bias": { type: "string", multiple: true, default: [] as string[] },
  temp: text,
  "top-k": text,
  "top-p": text,
  "min-p": text,
  "repeat-penalty": text,
  "presence-penalty": text,
  "frequency-penalty": text,
  "repeat-last-n": text,
  seed: text,
  // The runtime sends -1, so that the length of the prompt is printed.
  keep: text,
  "no-escape": alwaysOn,
  "no-display-prompt": alwaysOn,
  "no-warmup": alwaysOn,
} as const;

type FlagValues = ReturnType<typeof readFlags<typeof flags>>;

/** Runs the command line. Resolves to the exit code. */
export async function runLlamaCli(
  args: readonly string[],
  streams: LlamaCliStreams,
): Promise<number> {
  try {
    await run(readFlags(args, flags), streams);
    return 0;
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    streams.writeError(`${error.message}\n`);
    return 1;
  }
}

async function run(values: FlagValues, streams: LlamaCliStreams): Promise<void> {
  const counts = new RunCounts();
  const predictTokens = numberOf(values.predict);
  const sampling = samplingOf(values);
  const promptText = readPrompt(values["binary-file"], streams);
  const engine = openEngine(values);
  const { vocabulary } = engine.model;
  const prompt = tokenizePrompt(promptText, vocabulary);
  checkFits(prompt, engine.contextTokens);
  const grammar = readTokenGrammar(values.grammar, vocabulary, streams.writeError);
  const sampler = new Sampler(sampling, lineFeedToken(vocabulary), grammar);
  streams.writeError(
    `generate: n_ctx = ${engine.contextTokens}, n_batch = 2048, n_predict = ${predictTokens}, n_keep = ${prompt.length}\n`,
  );
  const answer = { engine, sampler, prompt, counts, predictTokens };
  if (predictTokens !== 0) await printAnswer(answer, streams);
  await streams.writeOutput("\n\n");
  streams.writeError(performanceReport(counts));
}

/** llama-server gets these values with each request instead, by names with underscores. */
function samplingOf(values: FlagValues): SamplingSettings {
  const logitBias = new Map(values["logit-bias"].map(biasOf));
  const given = (name: string) => {
    const flag = name === "temperature" ? "temp" : name.replaceAll("_", "-");
    const value = values[flag as keyof FlagValues];
    return value === undefined ? undefined : numberOf(String(value));
  };
  return { ...samplingSettings(given), logitBias };
}

/** `15043+1`, `15043-0.5` */
function biasOf(value: string): [token: number, bias: number] {
  const [, token = "", bias = ""] = /^(\d+)([+-].+)$/.exec(value) ?? [];
  return [numberOf(token), numberOf(bias)];
}

function readPrompt(path: string, { readFile }: LlamaCliStreams): string {
  if (path === "") return "";
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFile(path));
  } catch (cause) {
    throw new ProgramError(`error: failed to open file '${path}': ${cause}`, { cause });
  }
}

function checkFits(prompt: readonly number[], contextTokens: number): void {
  if (prompt.length === 0) throw new ProgramError("input is empty");
  const longest = contextTokens - 4;
  if (prompt.length <= longest) return;
  throw new ProgramError(`main: prompt is too long (${prompt.length} tokens, max ${longest})\n`);
}

/** One prompt, and all that it takes to answer it. */
interface AnswerInputs {
  readonly engine: OpenEngine;
  readonly sampler: Sampler;
  readonly prompt: readonly number[];
  readonly counts: RunCounts;
  readonly predictTokens: number;
}

async function printAnswer(inputs: AnswerInputs, streams: LlamaCliStreams): Promise<void> {
  const { engine, sampler, prompt, counts, predictTokens } = inputs;
  const { vocabulary } = engine.model;
  const isEnd = (token = -1) => vocabulary.endOfGeneration.has(token);
  for (const token of prompt) sampler.acceptPrompt(token);
  counts.samples = prompt.length;
  if (isEnd(prompt.at(-1))) return streams.writeOutput(" [end of text]\n");
  let predicted = 0;
  for await (const token of generatedTokens({ ...inputs, isInterrupted: () => false })) {
    await streams.writeOutput(untilNul(vocabulary.bytesOf(token, false)));
    if (isEnd(token)) return streams.writeOutput(" [end of text]\n");
    if (++predicted === predictTokens) return;
  }
}

/**
 * The closing lines, as far as the runtime reads counts and timings from them. As in llama.cpp, a
 * count of zero is printed as one. (llama_perf_context_print of src/llama.cpp and
 * llama_perf_sampler_print of src/llama-sampling.cpp.)
 */
function performanceReport(counts: RunCounts): string {
  const { loadMs, promptMs, evaluationMs, samples, sampleMs } = counts;
  const promptTokens = Math.max(1, counts.promptTokens);
  const runs = Math.max(1, counts.evaluations);
  return `llama_perf_sampler_print:    sampling time = ${ms(sampleMs)} / ${samples} runs   ${rates(sampleMs, samples)}
llama_perf_context_print:        load time = ${ms(loadMs)}
llama_perf_context_print: prompt eval time = ${ms(promptMs)} / ${promptTokens} tokens ${rates(promptMs, promptTokens)}
llama_perf_context_print:        eval time = ${ms(evaluationMs)} / ${runs} runs   ${rates(evaluationMs, runs)}
`;
}

function ms(time: number): string {
  return `${time.toFixed(2)} ms`;
}

function rates(timeMs: number, items: number): string {
  const perSecond = (1e3 / timeMs) * items;
  return `(${ms(timeMs / items)} per token, ${perSecond.toFixed(2)} tokens per second)`;
}
