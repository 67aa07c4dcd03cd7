import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { llamaCliArguments } from "../../../../../runtime/engine/llama-cli/arguments.ts";
import {
  identityPath,
  type PromptCacheInputs,
  promptCacheIdentity,
  usablePromptCache,
} from "../../../../../runtime/engine/llama-cli/prompt-cache.ts";
import { chatPrompt } from "../../../../../runtime/request/chat-prompt.ts";
import { requestOf } from "../../../../helpers/requests.ts";

/** A state with its inputs, all in a folder of their own. */
function made() {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-prompt-cache-"));
  const inputs: PromptCacheInputs = {
    programPath: join(folder, "llama-cli"),
    modelPath: join(folder, "model.gguf"),
    systemPrompt: "Be brief.",
    architecture: "arm64",
  };
  writeFileSync(inputs.programPath, "engine");
  writeFileSync(inputs.modelPath, "m".repeat(200_000));
  const path = join(folder, "state");
  writeFileSync(path, "state");
  writeFileSync(identityPath(path), JSON.stringify(promptCacheIdentity(path, inputs)));
  const dropped: string[] = [];
  const use = (changed: Partial<PromptCacheInputs> = {}) =>
    usablePromptCache(path, { ...inputs, ...changed }, (reason) => dropped.push(reason));
  return { inputs, path, dropped, use };
}

describe("a prompt cache", () => {
  it("is used when it was made with the same engine, model, processor and prompt", () => {
    const { path, dropped, use } = made();

    expect(use()).toEqual({ path, prefix: "System: Be brief.<|eot_id|>" });
    expect(dropped).toEqual([]);
  });

  it("is dropped, with a warning, for another system prompt", () => {
    const { dropped, use } = made();

    expect(use({ systemPrompt: "Be long." })).toBeUndefined();
    expect(dropped).toEqual(["changed since it was made: prefix"]);
  });

  it.each([
    ["engine", "programPath", "engine of another build", /^changed since it was made: engine$/],
    ["model", "modelPath", `${"m".repeat(199_999)}n`, /^changed since it was made: model$/],
    ["state, damaged", "path", "stat", /^changed since it was made: state$/],
    ["note of what it was made with, no JSON", "identity", "{", /JSON/],
    ["note of what it was made with, of another form", "identity", '{"engine":1}', /model/],
  ] as const)("is dropped for another %s", (_name, file, content, reason) => {
    const { inputs, path, dropped, use } = made();
    writeFileSync({ ...inputs, path, identity: identityPath(path) }[file], content);

    expect(use()).toBeUndefined();
    expect(dropped).toEqual([expect.stringMatching(reason)]);
  });

  it("is dropped when what it was made with is not there", () => {
    const { path, dropped, use } = made();
    rmSync(identityPath(path));

    expect(use()).toBeUndefined();
    expect(dropped).toEqual([expect.stringContaining("ENOENT")]);
  });

  it("is loaded, never written, and only for prompts that begin as it does", () => {
    const promptCache = { path: "/state", prefix: "System: Be brief.<|eot_id|>" };
    const config = { modelPath: "/m", contextTokens: 4096, threads: 1, promptCache };
    const system = { role: "system", content: "Be brief." } as const;
    const user = { role: "user", content: "Hi" } as const;

    const same = llamaCliArguments(requestOf(chatPrompt([system, user])), config);
    const other = llamaCliArguments(requestOf(chatPrompt([user])), config);

    expect(same.join(" ")).toContain("--prompt-cache /state --prompt-cache-ro");
    expect(other).not.toContain("--prompt-cache");
  });
});
