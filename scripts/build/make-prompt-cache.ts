import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { nodeArchitecture, parseArchitecture } from "../../model/architecture.ts";
import { parseConfig } from "../../runtime/config.ts";
import { startChildProcess } from "../../runtime/engine/child-process.ts";
import { llamaCliArguments } from "../../runtime/engine/llama-cli/arguments.ts";
import { identityPath, promptCacheIdentity } from "../../runtime/engine/llama-cli/prompt-cache.ts";
import { systemPrefix } from "../../runtime/request/chat-prompt.ts";
import { parseRequest } from "../../runtime/request/request.ts";
import { requireFile } from "../cli/require-file.ts";

// Runs llama-cli once over the system prompt and keeps its state, so that no request has to read
// that prompt. A stage of the image build. Reads BITNET_LLAMA_CLI, BITNET_MODEL,
// BITNET_SYSTEM_PROMPT and BITNET_PROMPT_CACHE, as the runtime does.

const { values: flags } = parseArgs({
  options: {
    /** The system prompt in a file, in place of BITNET_SYSTEM_PROMPT; an empty one is none. */
    "system-prompt-file": { type: "string" },
    /** A program that runs the engine, in an emulator where it is for another processor. */
    run: { type: "string" },
    /** Architecture of the engine. */
    architecture: { type: "string", default: process.arch },
  },
});
const config = parseConfig(process.env);
const path = config.promptCachePath ?? fail("Set BITNET_PROMPT_CACHE: the file to make.");
const systemPrompt = readSystemPrompt();
mkdirSync(dirname(path), { recursive: true });
if (systemPrompt === "") {
  console.log("no system prompt, no prompt cache");
} else {
  requireFile("BITNET_LLAMA_CLI", config.enginePaths["llama-cli"], "run");
  requireFile("BITNET_MODEL", config.modelPath, "read");
  await makeState(path, systemPrompt);
  const architecture = nodeArchitecture[parseArchitecture(flags.architecture)];
  const identity = promptCacheIdentity(path, {
    programPath: config.enginePaths["llama-cli"],
    modelPath: config.modelPath,
    systemPrompt,
    architecture,
  });
  writeFileSync(identityPath(path), JSON.stringify(identity));
  console.log(`prompt cache ${path}, ${(statSync(path).size / 1e6).toFixed(1)} MB`);
}

function readSystemPrompt(): string {
  const file = flags["system-prompt-file"];
  if (file === undefined) return config.systemPrompt ?? fail("Set BITNET_SYSTEM_PROMPT.");
  requireFile("--system-prompt-file", file, "read");
  return readFileSync(file, "utf8");
}

/**
 * llama-cli reads no prompt that ends with an end token, as the system prompt's turn does: so the
 * beginning of nearly every next turn is added. The engine uses the tokens that both begin with.
 */
async function makeState(statePath: string, systemPrompt: string): Promise<void> {
  const prompt = `${systemPrefix(systemPrompt)}User: `;
  const request = parseRequest({ prompt, n_predict: 1, temperature: 0 }, () => 0);
  const threads = availableParallelism();
  rmSync(statePath, { force: true });
  const child = startChildProcess({
    file: flags.run ?? config.enginePaths["llama-cli"],
    args: [...llamaCliArguments(request, { ...config, threads }), "--prompt-cache", statePath],
    environment: process.env,
    input: request.prompt,
    temporaryFolder: tmpdir(),
    signal: new AbortController().signal,
    killDelayMs: config.killDelayMs,
    onStderr: () => {},
  });
  for await (const _ of child.stdout);
  const { exitCode, signal, startFailure, stderrTail } = await child.exit;
  if (exitCode === 0 && existsSync(statePath) && statSync(statePath).size > 0) return;
  rmSync(statePath, { force: true });
  const how =
    startFailure?.message ??
    (exitCode === 0 ? "it wrote none" : `it ended with ${exitCode ?? signal}`);
  fail(`The engine made no state of the system prompt (${how}):\n${stderrTail}`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
