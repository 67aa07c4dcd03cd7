import { existsSync } from "node:fs";
import { join } from "node:path";
import { openByteSource } from "../../../model/byte-source.ts";
import { readGguf } from "../../../model/gguf.ts";
import { writeRequantized } from "../../../model/requantized-model.ts";
import { embeddingName } from "../../../model/tensor-names.ts";
import { loadHandler } from "../bundled-handler.ts";
import type { Experiment } from "../experiment.ts";
import { figureColumns } from "../figure-columns.ts";
import { findQuestions } from "../question.ts";
import { varyEngine } from "../vary-engine.ts";

const tokens = 50;

/** What it brings to requantize the embedding, which is half of the file as it is published. */
export const embedding: Experiment = {
  id: "embedding",
  title: "The embedding as F16 and as Q6_K",
  about: `llama-cli alone, ${tokens} tokens. The embedding is read whole for every token, to score the vocabulary. Requantized here by our own plain quantizer: the speed is that of llama-quantize's file, since both have the same bytes per weight.`,
  obstacle({ config }) {
    const type = embeddingType(config.modelPath);
    return type === "F16" ? undefined : `the model's embedding is ${type}: name one with F16`;
  },
  async run(bench) {
    const requantized = join(bench.folder, "q6k.gguf");
    if (!existsSync(requantized)) {
      writeRequantized(bench.config.modelPath, requantized, { embeddingType: "Q6_K" });
    }
    const [question] = await findQuestions(
      await loadHandler({ BITNET_ENGINE: "llama-cli" }),
      tokens,
    );
    const [requantizedQuestion] = await findQuestions(
      await loadHandler({ BITNET_ENGINE: "llama-cli", BITNET_MODEL: requantized }),
      tokens,
    );
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
  const source = openByteSource(path);
  try {
    const found = readGguf(source).tensors.find(({ name }) => name === embeddingName);
    return found?.type ?? "not there";
  } finally {
    source.close();
  }
}
