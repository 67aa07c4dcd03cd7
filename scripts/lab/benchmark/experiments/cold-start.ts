import { statSync } from "node:fs";
import { readIntoPageCache } from "../../../../runtime/engine/page-cache.ts";
import { roundsOf } from "../bench.ts";
import { handlerBundle } from "../bundled-handler.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { importBundle, runColdStart, startNode } from "../new-process.ts";
import { findQuestion, requestFor } from "../question.ts";

const tokens = 10;

const names = {
  file: "reading the model file once",
  node: "Node.js alone",
  bundle: "Node.js and the bundle",
  cli: "first answer, llama-cli",
  server: "first answer, llama-server",
} as const;

/** From nothing to the first answer, and the time that no implementation can avoid. */
export const coldStart: Experiment = {
  id: "cold-start",
  title: "From nothing to the first answer",
  about: `A new process each time, the files in the page cache: Node.js starts, loads the bundle, starts the engine, and answers with ${tokens} tokens. Lambda adds its own share, fetching the image's layers above all, which only Lambda can show. No start can be faster than reading the model once.`,
  async run(bench) {
    const request = requestFor(await findQuestion({ tokens }), tokens);
    const answer = (engine: string) => () => runColdStart(engine, request);
    const trials = await measureInTurn(
      [
        {
          name: names.file,
          async run() {
            const startedAt = performance.now();
            await readIntoPageCache(bench.config.modelPath);
            return { total_ms: performance.now() - startedAt };
          },
        },
        { name: names.node, run: startNode },
        { name: names.bundle, run: importBundle },
        { name: names.cli, run: answer("llama-cli") },
        { name: names.server, run: answer("llama-server") },
      ],
      roundsOf(bench),
    );
    const bundleKib = statSync(handlerBundle).size / 1024;
    const modelMb = statSync(bench.config.modelPath).size / 1e6;
    return {
      comparisons: [
        {
          names: Object.values(names),
          trials,
          columns: [
            { figure: "total_ms", label: "total", unit: "ms" },
            { figure: "import_ms", label: "of which importing the bundle", unit: "ms" },
            { figure: "peak_mib", label: "peak memory of the handler", unit: "MiB" },
          ],
        },
      ],
      notes: [
        `The bundle has ${bundleKib.toFixed(0)} KiB, the model file ${modelMb.toFixed(1)} MB.`,
      ],
    };
  },
};
