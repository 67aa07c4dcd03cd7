import { startBareServer } from "../bare-server.ts";
import { loadHandler, runHandler } from "../bundled-handler.ts";
import {
  compareInTurn,
  type Experiment,
  f16Obstacle,
  figureColumns,
  threadsOf,
} from "../experiment.ts";
import { askInTurn, findQuestions, type Question, requestFor } from "../question.ts";
import { runColdStart } from "./cold-start.ts";

/** Settings of the project that first put BitNet on Lambda; it never reads others. */
const originalSettings = { threads: 1, contextTokens: 2048, pollMs: 5000 } as const;

const names = { original: "the original's settings", ours: "this project" } as const;

/** Tokens of a cold and of warm answers: three of the original's own table. */
const coldTokens = 10;
const warmTokens = [10, 50] as const;

/** What our settings gain over those of the original project, with the same engine. */
export const original: Experiment = {
  id: "original",
  title: "Against the original project's settings",
  about: `The original keeps llama-server too, but with ${originalSettings.threads} thread, a context of ${originalSettings.contextTokens} and the embedding as F16; after its start it checks every ${originalSettings.pollMs / 1000} s whether the model is loaded. Here the same compiled engine runs with these settings, without its Python handler, and with ours through the deployed bundle. Warm: both have loaded the model. From nothing: until the first answer of ${coldTokens} tokens; ours includes the start of Node.js.`,
  obstacle: (bench) =>
    bench.isReference
      ? "the reference engine always has one thread: name a compiled one"
      : f16Obstacle(bench),
  async run(bench) {
    const { enginePaths, modelPath } = bench.config;
    const config = {
      enginePaths,
      modelPath: bench.f16ModelPath ?? modelPath,
      contextTokens: originalSettings.contextTokens,
    };
    const most = Math.max(...warmTokens);
    const questions = await findQuestions(most);
    const originalQuestions = await findQuestions(most, bench.f16ModelPath);
    const { threads, pollMs } = originalSettings;
    const cold = await compareInTurn(
      bench,
      {
        [names.original]: askInTurn(originalQuestions, async (question) => {
          const startedAt = performance.now();
          const server = await startBareServer(config, threads, pollMs);
          try {
            const figures = await server.run(requestFor(question, coldTokens));
            return figures && { total_ms: performance.now() - startedAt };
          } finally {
            await server.stop();
          }
        }),
        [names.ours]: askInTurn(questions, (question) =>
          runColdStart("llama-server", requestFor(question, coldTokens)),
        ),
      },
      [figureColumns.answer],
    );
    const server = await startBareServer(config, threads);
    const handler = await loadHandler({ BITNET_ENGINE: "llama-server" });
    try {
      const comparisons = [{ ...cold, title: `From nothing, ${coldTokens} tokens` }];
      for (const tokens of warmTokens) {
        const of = (question: Question) => requestFor(question, tokens);
        const warm = await compareInTurn(
          bench,
          {
            [names.original]: askInTurn(originalQuestions, (question) => server.run(of(question))),
            [names.ours]: askInTurn(questions, (question) => runHandler(handler, of(question))),
          },
          [figureColumns.answer, figureColumns.decoding],
        );
        comparisons.push({ ...warm, title: `Warm, ${tokens} tokens` });
      }
      return {
        comparisons,
        notes: [`This project ran with ${threadsOf(bench)} threads, as it would on this machine.`],
      };
    } finally {
      await server.stop();
    }
  },
};
