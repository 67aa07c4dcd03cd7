import { microBatchTokens } from "../../../runtime/engine/llama-cli-arguments.ts";
import { loadHandler } from "../bundled-handler.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { findQuestions } from "../question.ts";
import { askEngine, type EngineVariation } from "../question-run.ts";
import { roundsOf } from "../rounds.ts";

const tokens = 10;

/** llama.cpp's own micro-batch. */
const defaultMicroBatch = "512";

const variations: Readonly<Record<string, EngineVariation["flags"]>> = {
  "sized to the request": {},
  "context of 4096": { "--ctx-size": "4096" },
  [`micro-batch of ${defaultMicroBatch}`]: { "--ubatch-size": defaultMicroBatch },
  "both, as without sizing": { "--ctx-size": "4096", "--ubatch-size": defaultMicroBatch },
};

/** What it brings to ask for no more context and no larger batches than a request needs. */
export const sizing: Experiment = {
  id: "sizing",
  title: "Context and batch, sized to the request or not",
  about: `llama-cli alone, ${tokens} tokens. The runtime asks for a context that surely holds the request, and for micro-batches of ${microBatchTokens} tokens instead of ${defaultMicroBatch}: less memory to clear and to hold for every request.`,
  async run(bench) {
    const [question] = await findQuestions(
      await loadHandler({ BITNET_ENGINE: "llama-cli" }),
      tokens,
    );
    const trials = await measureInTurn(
      Object.entries(variations).map(([name, flags = {}]) => ({
        name,
        run: () => askEngine(bench, question, { tokens, flags, watchesMemory: true }),
      })),
      roundsOf(bench),
    );
    return {
      comparisons: [
        {
          names: Object.keys(variations),
          trials,
          columns: [
            { figure: "total_ms", label: "whole answer", unit: "ms" },
            { figure: "load_ms", label: "load, as the engine tells", unit: "ms" },
            { figure: "peak_mib", label: "peak memory of the engine", unit: "MiB" },
          ],
        },
      ],
    };
  },
};
