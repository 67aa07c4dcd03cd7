import { availableParallelism } from "node:os";
import { loadHandler } from "../bundled-handler.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { findQuestions } from "../question.ts";
import { askEngine } from "../question-run.ts";
import { roundsOf } from "../rounds.ts";

const tokens = 50;

/** `1 thread`, `2 threads` */
export function threadsName(count: number): string {
  return `${count} thread${count === 1 ? "" : "s"}`;
}

/** How decoding grows with threads, up to one for each core. */
export const threads: Experiment = {
  id: "threads",
  title: "One thread to one for each core",
  about: `llama-cli alone, ${tokens} tokens. More threads than cores are not tried: without OpenMP they wait for each other by spinning, and decoding gets over a hundred times slower.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine has one thread, whatever it is told: name a compiled engine by BITNET_LLAMA_CLI"
      : undefined,
  async run(bench) {
    const [question] = await findQuestions(
      await loadHandler({ BITNET_ENGINE: "llama-cli" }),
      tokens,
    );
    const counts = Array.from({ length: availableParallelism() }, (_, at) => at + 1);
    const trials = await measureInTurn(
      counts.map((count) => ({
        name: threadsName(count),
        run: () => askEngine(bench, question, { tokens, threads: count }),
      })),
      roundsOf(bench),
    );
    return {
      comparisons: [
        {
          names: counts.map(threadsName),
          amounts: { what: "threads", values: counts },
          trials,
          columns: [
            { figure: "tokens_per_second", label: "decoding", unit: "tokens/s" },
            { figure: "prompt_tokens_per_second", label: "reading the prompt", unit: "tokens/s" },
            { figure: "total_ms", label: "whole answer", unit: "ms" },
          ],
        },
      ],
    };
  },
};
