import { join } from "node:path";
import { embeddingName } from "../../../../model/gguf-format.ts";
import { writeRequantized } from "../../../../model/requantization.ts";
import { type Experiment, figureColumns } from "../experiment.ts";
import { modelTensors } from "../model-tensors.ts";
import { findQuestion } from "../question.ts";
import { varyEngine } from "../vary-engine.ts";

const tokens = 50;

/** What requantizing the embedding gains: it is half of the file as published. */
export const embedding: Experiment = {
  id: "embedding",
  title: "The embedding as F16 and as Q6_K",
  about: `llama-cli alone, ${tokens} tokens. The embedding is read whole for every token, to score the vocabulary. Requantized here by our own plain quantizer: the speed is that of llama-quantize's file, since both have the same bytes per weight.`,
  obstacle({ config }) {
    const type = embeddingType(config.modelPath);
    return type === "F16" ? undefined : `the model's embedding is ${type}, this needs one with F16`;
  },
  async run(bench) {
    const requantized = join(bench.folder, "q6k.gguf");
    writeRequantized(bench.config.modelPath, requantized, { embeddingType: "Q6_K" });
    const question = await findQuestion({ tokens });
    const requantizedQuestion = await findQuestion({ tokens, modelPath: requantized });
    const common = { tokens, watchesMemory: true };
    const comparison = await varyEngine(
      bench,
      {
        "F16 embedding": { ...common, question },
        "Q6_K embedding": { ...common, question: requantizedQuestion, modelPath: requantized },
      },
      [figureColumns.decoding, figureColumns.answer, figureColumns.enginePeak],
    );
    return { comparisons: [comparison] };
  },
};

function embeddingType(path: string): string {
  return modelTensors(path).find(({ name }) => name === embeddingName)?.type ?? "not there";
}
