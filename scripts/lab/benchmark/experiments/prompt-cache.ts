import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { systemPrefix } from "../../../../runtime/request/chat-prompt.ts";
import { type Experiment, figureColumns } from "../experiment.ts";
import { findQuestion } from "../question.ts";
import { varyEngine } from "../vary-engine.ts";

const tokens = 10;

/** Instructions of some hundred tokens, as a system prompt often has. */
const systemPrompt = Array.from(
  { length: 12 },
  (_, at) =>
    `Rule ${at + 1}: answer in one short sentence, in plain words, and say so when you do not know.`,
).join("\n");

/** What a saved state of the system prompt saves an engine that starts anew for each request. */
export const promptCache: Experiment = {
  id: "prompt-cache",
  title: "The state of a fixed system prompt",
  about: `llama-cli alone, a system prompt of ${systemPrompt.length} characters and a short question, ${tokens} tokens. The state was made as the image build makes it.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the reference engine keeps no states: name a compiled engine by BITNET_LLAMA_CLI"
      : undefined,
  async run(bench) {
    const state = join(bench.folder, "prompt-cache", "state");
    execFileSync(process.execPath, ["dist/prompt-cache/make-prompt-cache.mjs"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        BITNET_LLAMA_CLI: bench.config.enginePaths["llama-cli"],
        BITNET_MODEL: bench.config.modelPath,
        BITNET_SYSTEM_PROMPT: systemPrompt,
        BITNET_PROMPT_CACHE: state,
      },
    });
    const question = await findQuestion({ tokens, prefix: systemPrefix(systemPrompt) });
    const common = { question, tokens, watchesMemory: true };
    const flags = { "--prompt-cache": state, "--prompt-cache-ro": "" };
    const comparison = await varyEngine(
      bench,
      {
        "without a state": common,
        "with the state of the system prompt": { ...common, flags },
      },
      [figureColumns.answer, figureColumns.firstToken, figureColumns.enginePeak],
    );
    const megabytes = (statSync(state).size / 1e6).toFixed(1);
    return { comparisons: [comparison], notes: [`The state has ${megabytes} MB.`] };
  },
};
