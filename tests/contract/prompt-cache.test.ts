import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApplication } from "../../runtime/application.ts";
import { goldenModel, referenceLlamaCli } from "../helpers/reference.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

// From the script of the image build to an answer that begins where the state ends.

const folder = temporaryFolder();
const systemPrompt = "You are a helpful AI assistant.\nAnswer in one sentence, and never guess.";
const state = join(folder, "cache", "state");
const environment = {
  BITNET_LLAMA_CLI: referenceLlamaCli,
  BITNET_MODEL: goldenModel,
  BITNET_SYSTEM_PROMPT: systemPrompt,
  BITNET_THREADS: "1",
  PATH: process.env.PATH,
};

function makeState(flags: readonly string[], variables: Record<string, string | undefined> = {}) {
  const script = "dist/prompt-cache/make-prompt-cache.mjs";
  return spawnSync(process.execPath, [script, ...flags], {
    env: { ...environment, BITNET_PROMPT_CACHE: state, ...variables },
    encoding: "utf8",
  });
}

async function answerWith(variables: Record<string, string>, messages: object[]) {
  const stderr = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const { invokeDirectly } = createApplication({ ...environment, ...variables });
  const { statusCode, body } = await invokeDirectly(
    { messages, temperature: 0, n_predict: 24 },
    { awsRequestId: "id", getRemainingTimeInMillis: () => 60_000 },
  );
  const log = stderr.mock.calls.join("");
  stderr.mockRestore();
  const { content, tokens_evaluated, timings } = JSON.parse(body);
  const readTokens = Math.round((timings.prompt_ms * timings.prompt_per_second) / 1000);
  return { statusCode, content, promptTokens: tokens_evaluated, readTokens, log };
}

const question = [{ role: "user", content: "What is the capital of France?" }];

describe("the prompt cache that the image build makes", () => {
  beforeAll(() => {
    writeFileSync(join(folder, "prompt"), systemPrompt);
    const made = makeState(["--system-prompt-file", join(folder, "prompt")]);
    expect({ status: made.status, stderr: made.stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("spares the engine the system prompt and changes nothing of the answer", async () => {
    const without = await answerWith({}, question);
    const having = await answerWith({ BITNET_PROMPT_CACHE: state }, question);

    expect(having.statusCode).toBe(200);
    expect(having.content).toBe(without.content);
    expect(having.promptTokens).toBe(without.promptTokens);
    expect(without.readTokens).toBe(without.promptTokens);
    expect(having.readTokens).toBeLessThan(without.promptTokens / 2);
    expect(having.log).not.toContain("prompt-cache-dropped");
  });

  it("serves a conversation that goes on with another role than the state was made for", async () => {
    const messages = [{ role: "assistant", content: "Ask me." }, ...question];

    const without = await answerWith({}, messages);
    const having = await answerWith({ BITNET_PROMPT_CACHE: state }, messages);

    expect(having.content).toBe(without.content);
    expect(having.readTokens).toBeLessThan(without.readTokens);
  });

  it("is left aside, with a warning, when it is for another processor", async () => {
    const other = process.arch === "arm64" ? "x86_64" : "arm64";
    const path = join(folder, "other", "state");
    makeState(["--architecture", other], { BITNET_PROMPT_CACHE: path });

    const answer = await answerWith({ BITNET_PROMPT_CACHE: path }, question);

    expect(answer.statusCode).toBe(200);
    expect(answer.readTokens).toBe(answer.promptTokens);
    expect(answer.log).toContain("changed since it was made: architecture");
  });

  it("runs the engine through an emulator when it is for another processor", () => {
    const runner = join(folder, "runner.sh");
    writeFileSync(runner, `#!/bin/sh\necho "$1" >${folder}/ran\nexec "$@"\n`, { mode: 0o755 });

    const { status } = makeState(["--runner", runner]);

    expect(status).toBe(0);
    expect(readFileSync(join(folder, "ran"), "utf8").trim()).toBe(referenceLlamaCli);
  });

  it("is not made without a system prompt, and its folder is", () => {
    writeFileSync(join(folder, "empty"), "");
    const path = join(folder, "none", "state");

    const { status, stdout } = makeState(["--system-prompt-file", join(folder, "empty")], {
      BITNET_PROMPT_CACHE: path,
    });

    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "no system prompt, no prompt cache\n",
    });
    expect(existsSync(join(folder, "none"))).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ["no path for the state", [], { BITNET_PROMPT_CACHE: "" }, /Set BITNET_PROMPT_CACHE/],
    ["no system prompt", [], { BITNET_SYSTEM_PROMPT: "" }, /Set BITNET_SYSTEM_PROMPT/],
    ["no such engine", [], { BITNET_LLAMA_CLI: "/nowhere" }, /BITNET_LLAMA_CLI: .* does not exist/],
    ["no such file", ["--system-prompt-file", "/nowhere"], {}, /\/nowhere does not exist/],
    ["an engine that fails", [], { BITNET_LLAMA_CLI: "/bin/false" }, /no state .*ended with 1/],
    ["an engine that writes none", [], { BITNET_LLAMA_CLI: "/bin/true" }, /it wrote none/],
  ])("is refused with %s", (_name, flags, variables, message) => {
    const path = join(folder, "refused", "state");

    const { status, stderr } = makeState(flags, { BITNET_PROMPT_CACHE: path, ...variables });

    expect(status).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    expect(existsSync(path)).toBe(false);
  });
});
