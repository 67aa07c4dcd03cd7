import { llamaCliArguments } from "../../../../runtime/engine/llama-cli/arguments.ts";
import { parseRequest } from "../../../../runtime/request/request.ts";
import { spreadText } from "../../statistics.ts";
import { roundsOf } from "../bench.ts";
import { loadHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { runEngineAlone } from "../engine-run.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { recordInstantEngine } from "../instant-engine.ts";

/** Largest acceptable overhead in milliseconds. */
const limitMs = 5;

const body = { prompt: "User: Hello\n\nAssistant:", n_predict: 16, temperature: 0, seed: 1 };

/** The time of the handler alone, on an engine that takes nearly none. */
export const overhead: Experiment = {
  id: "overhead",
  title: "What the handler adds to a request",
  about:
    "The engine here only prints what a real one printed, as a process alone and through the deployed bundle, warm. The difference is validation, starting and reading a child process, and writing the answer. A real engine would hide it in its own noise.",
  async run(bench) {
    const request = parseRequest(body, () => 1);
    const args = llamaCliArguments(request, { ...bench.config, threads: 1 });
    const engine = recordInstantEngine(
      bench.config.enginePaths["llama-cli"],
      args,
      request.prompt,
      bench.folder,
    );
    const handler = await loadHandler({ BITNET_LLAMA_CLI: engine, BITNET_ENGINE: "llama-cli" });
    const names = ["engine alone", "through the handler"] as const;
    const trials = await measureInTurn(
      [
        {
          name: names[0],
          run: () =>
            runEngineAlone({ file: engine, args, prompt: request.prompt, folder: bench.folder }),
        },
        {
          name: names[1],
          async run() {
            const startedAt = performance.now();
            const { statusCode, body: answer } = await handler(body);
            if (statusCode !== 200) throw new Error(answer);
            return { total_ms: performance.now() - startedAt };
          },
        },
      ],
      roundsOf(bench, 10),
    );
    const added = compare(trials, "total_ms", names)[1]?.difference;
    if (added === undefined) throw new Error("nothing was measured");
    return {
      comparisons: [
        { names, trials, columns: [{ figure: "total_ms", label: "a request", unit: "ms" }] },
      ],
      limits: [
        {
          limit: `the handler adds at most ${limitMs} ms to a request (median)`,
          isMet: added.median <= limitMs,
          measured: `${spreadText(added, 2)} ms`,
        },
      ],
    };
  },
};
