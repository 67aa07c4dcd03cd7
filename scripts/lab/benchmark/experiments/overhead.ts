import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../../../runtime/engine/child-process.ts";
import { llamaCliArguments } from "../../../../runtime/engine/llama-cli/arguments.ts";
import { parseRequest } from "../../../../runtime/request/request.ts";
import { spreadText } from "../../statistics.ts";
import { loadHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { runEngineAlone } from "../engine-run.ts";
import { compareInTurn, type Experiment } from "../experiment.ts";

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
    const { config, folder } = bench;
    const request = parseRequest(body, () => 1);
    const { prompt } = request;
    const args = llamaCliArguments(request, { ...config, threads: 1 });
    const file = recordInstantEngine(config.enginePaths["llama-cli"], args, prompt, folder);
    const handler = await loadHandler({ BITNET_LLAMA_CLI: file, BITNET_ENGINE: "llama-cli" });
    const comparison = await compareInTurn(
      bench,
      {
        "engine alone": () => runEngineAlone({ file, args, prompt, folder }),
        async "through the handler"() {
          const startedAt = performance.now();
          const { statusCode, body: answer } = await handler(body);
          if (statusCode !== 200) throw new Error(answer);
          return { total_ms: performance.now() - startedAt };
        },
      },
      [{ figure: "total_ms", label: "a request", unit: "ms" }],
      10,
    );
    const added = compare(comparison, "total_ms")[1]?.difference;
    if (added === undefined) throw new Error("nothing was measured");
    return {
      comparisons: [comparison],
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

/**
 * Makes an executable that repeats an engine's stdout and stderr and ends, in the few milliseconds
 * that a shell takes to start.
 *
 * @throws Error when the engine fails
 */
export function recordInstantEngine(
  engine: string,
  args: readonly string[],
  input: string,
  folder: string,
): string {
  const path = (name: string) => join(folder, name);
  writeFileSync(path("recorded-prompt"), input);
  // A file, because /dev/stdin cannot be opened where Node.js gives a socket.
  const prompt = openSync(path("recorded-prompt"), "r");
  const { status, stdout, stderr } = spawnSync(engine, args, {
    env: engineEnvironment(process.env),
    stdio: [prompt, "pipe", "pipe"],
  });
  closeSync(prompt);
  if (status !== 0) throw new Error(`the engine ended with ${status}: ${stderr}`);
  writeFileSync(path("recorded-stdout"), stdout);
  writeFileSync(path("recorded-stderr"), stderr);
  const program = `#!/bin/sh\ncat '${path("recorded-stderr")}' >&2\nexec cat '${path("recorded-stdout")}'\n`;
  writeFileSync(path("instant-engine"), program, { mode: 0o755 });
  return path("instant-engine");
}
