import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemPrefix } from "../runtime/chat-prompt.ts";
import { parseConfig } from "../runtime/config.ts";
import { identityPath, promptCacheIdentity } from "../runtime/engine/prompt-cache.ts";

// Part of the image build: runs the engine once over the system prompt and keeps its state, so that
// no request has to. Reads BITNET_LLAMA_CLI, BITNET_MODEL, BITNET_SYSTEM_PROMPT, BITNET_PROMPT_CACHE.

const config = parseConfig(process.env);
const { systemPrompt, promptCachePath: path } = config;
if (systemPrompt === undefined || path === undefined) {
  console.error(
    "Set BITNET_SYSTEM_PROMPT and BITNET_PROMPT_CACHE; without them there is no state.",
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "bitnet-prompt-"));
const promptFile = join(folder, "prompt");
try {
  writeFileSync(promptFile, systemPrefix(systemPrompt));
  rmSync(path, { force: true });
  execFileSync(
    config.llamaCliPath,
    [
      ["--model", config.modelPath],
      ["--ctx-size", String(config.contextTokens)],
      ["--binary-file", promptFile],
      ["--no-escape", "--no-warmup", "--no-display-prompt"],
      ["--prompt-cache", path],
      // Nothing is computed without a token to generate.
      ["--predict", "1"],
    ].flat(),
    { stdio: ["ignore", "ignore", "inherit"] },
  );
} finally {
  rmSync(folder, { recursive: true });
}
const identity = promptCacheIdentity({ ...config, systemPrompt, architecture: process.arch });
writeFileSync(identityPath(path), JSON.stringify(identity));
console.log(`prompt cache: ${path}`);
