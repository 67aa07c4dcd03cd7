import { availableParallelism } from "node:os";
import { type Experiment, figureColumns } from "../experiment.ts";
import { findQuestion } from "../question.ts";
import { varyEngine } from "../vary-engine.ts";

const tokens = 50;

/** How decoding grows with threads, up to one for each core. */
export const threads: Experiment = {
  id: "threads",
  title: "One thread to one for each core",
  about: `llama-cli alone, ${tokens} tokens. More threads than cores are not tried: without OpenMP they wait for each other by spinning, and decoding gets over a hundred times slower.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine always has one thread: set BITNET_LLAMA_CLI to a compiled engine"
      : undefined,
  async run(bench) {
    const question = await findQuestion({ tokens });
    const counts = Array.from({ length: availableParallelism() }, (_, at) => at + 1);
    const comparison = await varyEngine(
      bench,
      Object.fromEntries(
        counts.map((count) => [threadsName(count), { question, tokens, threads: count }]),
      ),
      [figureColumns.decoding, figureColumns.prefill, figureColumns.answer],
    );
    return { comparisons: [{ ...comparison, amounts: { what: "threads", values: counts } }] };
  },
};

/** `1 thread`, `2 threads` */
function threadsName(count: number): string {
  return `${count} thread${count === 1 ? "" : "s"}`;
}
