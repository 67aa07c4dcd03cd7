import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { systemPrefix } from "../../../runtime/chat-prompt.ts";
import { loadHandler } from "../bundled-handler.ts";
import type { Experiment } from "../experiment.ts";
import { measureInTurn } from "../in-turn.ts";
import { findQuestions } from "../question.ts";
import { askEngine } from "../question-run.ts";
import { roundsOf } from "../rounds.ts";

const tokens = 10;

/** As long as the instructions that people give, some hundred tokens. */
const systemPrompt = Array.from(
  { length: 12 },
  (_, at) =>
    `Rule ${at + 1}: answer in one short sentence, in plain words, and say so when you do not know.`,
).join("\n");

const names = ["without a state", "with the state of the system prompt"] as const;

/** What a state behind the system prompt saves, for an engine that starts anew for each request. */
export const promptCache: Experiment = {
  id: "prompt-cache",
  title: "The state of a fixed system prompt",
  about: `llama-cli alone, a system prompt of ${systemPrompt.length} characters and a short question, ${tokens} tokens. The state was made as the image build makes it.`,
  async run(bench) {
    const state = join(bench.folder, "prompt-cache", "state");
    execFileSync(process.execPath, ["dist/prompt-cache/make-prompt-cache.mjs"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        BITNET_LLAMA_CLI: bench.config.llamaCliPath,
        BITNET_MODEL: bench.config.modelPath,
        BITNET_SYSTEM_PROMPT: systemPrompt,
        BITNET_PROMPT_CACHE: state,
      },
    });
    const handler = await loadHandler({ BITNET_ENGINE: "llama-cli" });
    const [question] = await findQuestions(handler, tokens, systemPrefix(systemPrompt));
    const run = (flags: Record<string, string>) => () =>
      askEngine(bench, question, { tokens, flags, watchesMemory: true });
    const trials = await measureInTurn(
      [
        { name: names[0], run: run({}) },
        { name: names[1], run: run({ "--prompt-cache": state, "--prompt-cache-ro": "" }) },
      ],
      roundsOf(bench),
    );
    return {
      comparisons: [
        {
          names,
          trials,
          columns: [
            { figure: "total_ms", label: "whole answer", unit: "ms" },
            { figure: "first_token_ms", label: "first token", unit: "ms" },
            { figure: "peak_mib", label: "peak memory of the engine", unit: "MiB" },
          ],
        },
      ],
      notes: [`The state has ${(statSync(state).size / 1e6).toFixed(1)} MB.`],
    };
  },
};
