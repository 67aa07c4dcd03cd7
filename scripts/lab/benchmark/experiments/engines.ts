import { spreadText } from "../../statistics.ts";
import { startBareServer } from "../bare-server.ts";
import { loadHandler, runHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { askEngine } from "../engine-run.ts";
import {
  type Comparison,
  compareInTurn,
  type Experiment,
  figureColumns,
  type Limit,
  threadsOf,
} from "../experiment.ts";
import type { Run } from "../in-turn.ts";
import { askInTurn, findQuestions, type Question, requestFor } from "../question.ts";

/** Answer lengths in tokens: those of the original project's table. */
const answerTokens = [10, 50, 100] as const;

/** Largest acceptable ratio of the resident engine's time to the bare server's. */
const residentLimit = 1.05;

/** One process for each request against a resident process, with and without the handler. */
export const engines: Experiment = {
  id: "engines",
  title: "llama-cli for each request, llama-server resident",
  about:
    "Warm: the model is in the page cache, and llama-server has loaded it. llama-cli loads it for every request. Two prompts take turns, so that llama-server does not have the whole prompt in its cache from the previous request. Ratios are to the bare llama-server, round by round. The resident engine reads the last token of each prompt twice where a penalty applies: llama-server shows the repetition penalty only what it found in its cache, so the prompt is read by a request of its own before, or the same seed would not give the same text. That token weighs the less the longer the answer is, and the larger the model.",
  async run(bench) {
    const most = Math.max(...answerTokens);
    const questions = await findQuestions(most);
    const server = await loadHandler({ BITNET_ENGINE: "llama-server" });
    const cli = await loadHandler({ BITNET_ENGINE: "llama-cli" });
    const bare = await startBareServer(bench.config, threadsOf(bench));
    const asking = (run: (question: Question) => ReturnType<Run>) => askInTurn(questions, run);
    try {
      const comparisons: Comparison[] = [];
      for (const tokens of answerTokens) {
        const of = (question: Question) => requestFor(question, tokens);
        const comparison = await compareInTurn(
          bench,
          {
            "llama-server, bare": asking((question) => bare.run(of(question))),
            "llama-server through the handler": asking((question) =>
              runHandler(server, of(question)),
            ),
            "llama-cli, bare": asking((question) => askEngine(bench, { question, tokens })),
            "llama-cli through the handler": asking((question) => runHandler(cli, of(question))),
          },
          [figureColumns.answer, figureColumns.firstToken, figureColumns.decoding],
        );
        comparisons.push({ ...comparison, title: `${tokens} tokens` });
      }
      return { comparisons, limits: comparisons.map(limitOf) };
    } finally {
      await bare.stop();
    }
  },
};

/** The second alternative against the first: the resident engine with and without the handler. */
function limitOf(comparison: Comparison): Limit {
  const ratio = compare(comparison, "total_ms")[1]?.ratio;
  if (ratio === undefined) throw new Error("nothing was measured");
  return {
    limit: `a resident answer of ${comparison.title} takes at most ${((residentLimit - 1) * 100).toFixed(0)} % longer than the bare llama-server's (median of ratios)`,
    isMet: ratio.median <= residentLimit,
    measured: spreadText(ratio, 3),
  };
}
