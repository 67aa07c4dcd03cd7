import { readGguf } from "../../../../model/gguf.ts";
import { counted } from "../../../cli/counted.ts";
import { compare } from "../comparison.ts";
import { askEngine } from "../engine-run.ts";
import { compareInTurn, type Experiment, threadsOf } from "../experiment.ts";
import { measureMemoryBandwidth } from "../memory-bandwidth.ts";
import { findQuestion } from "../question.ts";

const tokens = 50;

/** How close decoding comes to its limit: reading all weights once for each token. */
export const memoryLimit: Experiment = {
  id: "memory-limit",
  title: "Decoding against the memory's bandwidth",
  about:
    "Every token reads all weights once, the embedding included. What decoding reads is its tokens per second times those bytes; the ratio is its share of what the same number of threads can read from memory.",
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine is bound by its own arithmetic: name a compiled one by BITNET_LLAMA_CLI"
      : undefined,
  async run(bench) {
    const { tensors } = readGguf(bench.config.modelPath);
    const bytesPerToken = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const threads = threadsOf(bench);
    const question = await findQuestion(tokens);
    const comparison = await compareInTurn(
      bench,
      {
        "what memory delivers": async () => ({
          gb_per_second: await measureMemoryBandwidth(threads),
        }),
        async "what decoding reads"() {
          const rate = (await askEngine(bench, { question, tokens }))?.tokens_per_second;
          return rate === undefined ? undefined : { gb_per_second: (rate * bytesPerToken) / 1e9 };
        },
      },
      [{ figure: "gb_per_second", label: "reading", unit: "GB/s" }],
    );
    const [memory] = compare(comparison, "gb_per_second");
    const bound = ((memory?.spread.median ?? 0) * 1e9) / bytesPerToken;
    return {
      comparisons: [comparison],
      notes: [
        `A token reads ${(bytesPerToken / 1e6).toFixed(1)} MB; at the memory's bandwidth with ${counted(threads, "thread")} that would be ${bound.toFixed(0)} tokens/s.`,
      ],
    };
  },
};
