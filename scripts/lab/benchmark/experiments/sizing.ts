import { microBatchTokens } from "../../../../runtime/engine/llama-cli/arguments.ts";
import { type Experiment, figureColumns } from "../experiment.ts";
import { findQuestion } from "../question.ts";
import { varyEngine } from "../vary-engine.ts";

const tokens = 10;

/** llama.cpp's own micro-batch. */
const defaultMicroBatch = "512";

const variations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "sized to the request": {},
  "context of 4096": { "--ctx-size": "4096" },
  [`micro-batch of ${defaultMicroBatch}`]: { "--ubatch-size": defaultMicroBatch },
  "both, as without sizing": { "--ctx-size": "4096", "--ubatch-size": defaultMicroBatch },
};

/** What a context and batches no larger than the request needs gain. */
export const sizing: Experiment = {
  id: "sizing",
  title: "Context and batch, sized to the request or not",
  about: `llama-cli alone, ${tokens} tokens. The runtime asks for a context just large enough for the request, and for micro-batches of ${microBatchTokens} tokens instead of ${defaultMicroBatch}: less memory to clear and to keep for every request.`,
  async run(bench) {
    const question = await findQuestion({ tokens });
    const comparison = await varyEngine(
      bench,
      Object.fromEntries(
        Object.entries(variations).map(([name, flags]) => [
          name,
          { question, tokens, flags, watchesMemory: true },
        ]),
      ),
      [figureColumns.answer, figureColumns.load, figureColumns.enginePeak],
    );
    return { comparisons: [comparison] };
  },
};
