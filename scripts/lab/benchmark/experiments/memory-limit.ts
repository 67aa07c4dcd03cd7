import { roundsOf, threadsOf } from "../bench.ts";
import { compare } from "../comparison.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { measureMemoryBandwidth } from "../memory-bandwidth.ts";
import { modelTensors } from "../model-tensors.ts";
import { findQuestion } from "../question.ts";
import { askEngine } from "../vary-engine.ts";

const tokens = 50;

const names = ["what memory delivers", "what decoding reads"] as const;

/** How close decoding comes to its limit: reading all weights once for each token. */
export const memoryLimit: Experiment = {
  id: "memory-limit",
  title: "Decoding against the memory's bandwidth",
  about:
    "Every token reads all weights once, the embedding included. What decoding reads is its tokens per second times those bytes; the ratio is its share of what the same number of threads can read from memory.",
  async run(bench) {
    const bytesPerToken = modelTensors(bench.config.modelPath).reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
    const threads = bench.isReference ? 1 : threadsOf(bench);
    const question = await findQuestion({ tokens });
    const trials = await measureInTurn(
      [
        {
          name: names[0],
          run: async () => ({ gb_per_second: await measureMemoryBandwidth(threads) }),
        },
        {
          name: names[1],
          async run() {
            const figures = await askEngine(bench, { question, tokens });
            if (figures?.tokens_per_second === undefined) return undefined;
            return { gb_per_second: (figures.tokens_per_second * bytesPerToken) / 1e9 };
          },
        },
      ],
      roundsOf(bench),
    );
    const [memory] = compare(trials, "gb_per_second", names);
    const bound = ((memory?.spread.median ?? 0) * 1e9) / bytesPerToken;
    return {
      comparisons: [
        { names, trials, columns: [{ figure: "gb_per_second", label: "reading", unit: "GB/s" }] },
      ],
      notes: [
        `A token reads ${(bytesPerToken / 1e6).toFixed(1)} MB; at the memory's bandwidth with ${threads} thread${threads === 1 ? "" : "s"} that would be ${bound.toFixed(0)} tokens/s.`,
        ...(bench.isReference
          ? [
              "The reference engine is bound by its own arithmetic, and the golden model fits into the caches: the share says nothing about a compiled engine.",
            ]
          : []),
      ],
    };
  },
};
