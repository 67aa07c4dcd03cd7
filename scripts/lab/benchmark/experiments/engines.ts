import { spreadText } from "../../statistics.ts";
import { startBareServer } from "../bare-server.ts";
import { roundsOf, threadsOf } from "../bench.ts";
import { loadHandler, runHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { type Comparison, type Experiment, figureColumns, type Limit } from "../experiment.ts";
import { measureInTurn, type Trial } from "../in-turn.ts";
import { findTwoQuestions, type Question, requestFor } from "../question.ts";
import { askEngine } from "../vary-engine.ts";

/** Answer lengths in tokens: those of the original project's table. */
const answerTokens = [10, 50, 100] as const;

/** Largest acceptable ratio of the resident engine's time to the bare server's. */
const residentLimit = 1.05;

const names = {
  bareServer: "llama-server, bare",
  server: "llama-server through the handler",
  bareCli: "llama-cli, bare",
  cli: "llama-cli through the handler",
} as const;

/** One process for each request against a resident process, with and without the handler. */
export const engines: Experiment = {
  id: "engines",
  title: "llama-cli for each request, llama-server resident",
  about:
    "Warm: the model is in the page cache, and llama-server has loaded it. llama-cli loads it for every request. Two prompts take turns, so that llama-server does not have the whole prompt in its cache from the previous request. Ratios are to the bare llama-server, round by round. The resident engine reads the last token of each prompt twice where a penalty applies: llama-server shows the repetition penalty only what it found in its cache, so the prompt is read by a request of its own before, or the same seed would not give the same text. That token weighs the less the longer the answer is, and the larger the model.",
  async run(bench) {
    const questions = await findTwoQuestions({ tokens: Math.max(...answerTokens) });
    const server = await loadHandler({ BITNET_ENGINE: "llama-server" });
    const cli = await loadHandler({ BITNET_ENGINE: "llama-cli" });
    const bare = await startBareServer(bench.config, threadsOf(bench));
    try {
      const comparisons: Comparison[] = [];
      for (const tokens of answerTokens) {
        const trials = await measureInTurn(
          [
            alternative(names.bareServer, questions, (question) =>
              bare.run(requestFor(question, tokens)),
            ),
            alternative(names.server, questions, (question) =>
              runHandler(server, requestFor(question, tokens)),
            ),
            alternative(names.bareCli, questions, (question) =>
              askEngine(bench, { question, tokens }),
            ),
            alternative(names.cli, questions, (question) =>
              runHandler(cli, requestFor(question, tokens)),
            ),
          ],
          roundsOf(bench),
        );
        comparisons.push(comparisonOf(tokens, trials));
      }
      return { comparisons, limits: comparisons.map(limitOf) };
    } finally {
      await bare.stop();
    }
  },
};

/** Asks one question after the other. */
function alternative(
  name: string,
  questions: readonly Question[],
  run: (question: Question) => ReturnType<typeof runHandler>,
) {
  let asked = 0;
  return {
    name,
    run: () => run(questions[asked++ % questions.length] as Question),
  };
}

function comparisonOf(tokens: number, trials: readonly Trial[]): Comparison {
  return {
    title: `${tokens} tokens`,
    names: Object.values(names),
    trials,
    columns: [figureColumns.answer, figureColumns.firstToken, figureColumns.decoding],
  };
}

function limitOf({ title, trials }: Comparison): Limit {
  const ratio = compare(trials, "total_ms", [names.bareServer, names.server])[1]?.ratio;
  if (ratio === undefined) throw new Error("nothing was measured");
  return {
    limit: `a resident answer of ${title} takes at most ${((residentLimit - 1) * 100).toFixed(0)} % longer than the bare llama-server's (median of ratios)`,
    isMet: ratio.median <= residentLimit,
    measured: spreadText(ratio, 3),
  };
}
