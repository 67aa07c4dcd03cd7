import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readGguf } from "../../../../model/gguf.ts";
import { embeddingName } from "../../../../model/gguf-format.ts";
import { microBatchTokens } from "../../../../runtime/engine/llama-cli/arguments.ts";
import { systemPrefix } from "../../../../runtime/request/chat-prompt.ts";
import { counted } from "../../../cli/counted.ts";
import { askEngine, type Variation } from "../engine-run.ts";
import {
  type Bench,
  type Comparison,
  compareInTurn,
  type Experiment,
  type FigureColumn,
  f16Obstacle,
  figureColumns,
  withFewRounds,
} from "../experiment.ts";
import { findQuestion, letters, prompts } from "../question.ts";

/** Compares llama-cli with command lines that differ, in turn, without the handler. */
function varyEngine(
  bench: Bench,
  variations: Readonly<Record<string, Variation>>,
  columns: readonly FigureColumn[],
): Promise<Comparison> {
  const alternatives = Object.entries(variations).map(
    ([name, variation]) => [name, () => askEngine(bench, variation)] as const,
  );
  return compareInTurn(bench, Object.fromEntries(alternatives), columns);
}

/** Tokens of a short answer, where the start counts, and of a longer one, where decoding does. */
const few = 10;
const many = 50;

/** Instructions of some hundred tokens, as a system prompt often has. */
const systemPrompt = Array.from(
  { length: 12 },
  (_, at) =>
    `Rule ${at + 1}: answer in one short sentence, in plain words, and say so when you do not know.`,
).join("\n");

/** What a saved state of the system prompt saves an engine that starts anew for each request. */
export const promptCache: Experiment = {
  id: "prompt-cache",
  title: "The state of a fixed system prompt",
  about: `llama-cli alone, a system prompt of ${systemPrompt.length} characters and a short question, ${few} tokens. The state was made as the image build makes it.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine keeps no states: name a compiled engine by BITNET_LLAMA_CLI"
      : undefined,
  async run(bench) {
    const state = join(bench.folder, "prompt-cache", "state");
    execFileSync(process.execPath, ["dist/prompt-cache/make-prompt-cache.mjs"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        BITNET_LLAMA_CLI: bench.config.enginePaths["llama-cli"],
        BITNET_MODEL: bench.config.modelPath,
        BITNET_SYSTEM_PROMPT: systemPrompt,
        BITNET_PROMPT_CACHE: state,
      },
    });
    const question = await findQuestion(few, `${systemPrefix(systemPrompt)}${prompts[0]}`);
    const common = { question, tokens: few, watchesMemory: true };
    const flags = { "--prompt-cache": state, "--prompt-cache-ro": "" };
    const comparison = await varyEngine(
      bench,
      {
        "without a state": common,
        "with the state of the system prompt": { ...common, flags },
      },
      [figureColumns.answer, figureColumns.firstToken, figureColumns.enginePeak],
    );
    const megabytes = (statSync(state).size / 1e6).toFixed(1);
    return { comparisons: [comparison], notes: [`The state has ${megabytes} MB.`] };
  },
};

/** llama.cpp's own micro-batch. */
const defaultMicroBatch = "512";

/** What a context and batches no larger than the request needs gain. */
export const sizing: Experiment = {
  id: "sizing",
  title: "Context and batch, sized to the request or not",
  about: `llama-cli alone, ${few} tokens. The runtime asks for a context just large enough for the request, and for micro-batches of ${microBatchTokens} tokens instead of ${defaultMicroBatch}: less memory to clear and to keep for every request.`,
  async run(bench) {
    const common = { question: await findQuestion(few), tokens: few, watchesMemory: true };
    const context = { "--ctx-size": "4096" };
    const batch = { "--ubatch-size": defaultMicroBatch };
    const comparison = await varyEngine(
      bench,
      {
        "sized to the request": common,
        "context of 4096": { ...common, flags: context },
        [`micro-batch of ${defaultMicroBatch}`]: { ...common, flags: batch },
        "both, as without sizing": { ...common, flags: { ...context, ...batch } },
      },
      [figureColumns.answer, figureColumns.enginePeak],
    );
    return { comparisons: [comparison] };
  },
};

/** What requantizing the embedding gains: it is half of the file as published. */
export const embedding: Experiment = {
  id: "embedding",
  title: "The embedding as F16 and as Q6_K",
  about: `llama-cli alone, ${many} tokens. The embedding is read whole for every token, to score the vocabulary.`,
  obstacle: (bench) => f16Obstacle(bench),
  async run(bench) {
    const common = { tokens: many, watchesMemory: true };
    const modelPath = bench.f16ModelPath;
    const comparison = await varyEngine(
      bench,
      {
        "as published, F16": {
          ...common,
          question: await findQuestion(many, prompts[0], modelPath),
          ...(modelPath && { modelPath }),
        },
        [embeddingType(bench)]: { ...common, question: await findQuestion(many) },
      },
      [figureColumns.decoding, figureColumns.answer, figureColumns.enginePeak],
    );
    return { comparisons: [comparison] };
  },
};

/** The type of the embedding of the model to measure: `Q6_K`. */
function embeddingType({ config }: Bench): string {
  const tensor = readGguf(config.modelPath).tensors.find(({ name }) => name === embeddingName);
  return tensor?.type ?? "none";
}

/** llama-bench's own sizes: pp512 and tg128. */
const bench512 = { prompt: 512, answer: 128 } as const;

/** How reading a prompt and decoding grow with threads, up to one for each core. */
export const threads: Experiment = {
  id: "threads",
  title: "One thread to one for each core",
  about: `llama-cli alone: prefill of ${bench512.prompt} tokens (pp512) and decoding of ${bench512.answer} behind them (tg128), as llama-bench names them. More threads than cores are not tried: without OpenMP they wait for each other by spinning, and decoding gets over a hundred times slower.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine always has one thread: set BITNET_LLAMA_CLI to a compiled engine"
      : undefined,
  async run(bench) {
    // The engine puts one token in front: the beginning of text.
    const question = await findQuestion(bench512.answer, letters(bench512.prompt - 1));
    const variations = Array.from({ length: availableParallelism() }, (_, at) => [
      counted(at + 1, "thread"),
      { question, tokens: bench512.answer, threads: at + 1 },
    ]);
    const comparison = await varyEngine(withFewRounds(bench), Object.fromEntries(variations), [
      { ...figureColumns.decoding, label: "tg128" },
      { ...figureColumns.prefill, label: "pp512" },
    ]);
    return { comparisons: [comparison] };
  },
};
