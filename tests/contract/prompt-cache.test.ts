import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemPrefix } from "../../runtime/request/chat-prompt.ts";
import { openApplication } from "../helpers/fakes/fake-application.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

// From the script of the image build to the command line of a request, with a fake engine that
// writes its arguments down. Only a compiled engine can show that a state changes no answer.

const folder = temporaryFolder();
const systemPrompt = "You are a helpful AI assistant.\nAnswer in one sentence, and never guess.";
const state = join(folder, "cache", "state");
const fakeLlamaCli = resolve("tests/fixtures/fake-llama-cli.mjs");
const echo = join(folder, "echo");
const environment = {
  BITNET_LLAMA_CLI: fakeLlamaCli,
  BITNET_MODEL: echo,
  BITNET_SYSTEM_PROMPT: systemPrompt,
  BITNET_THREADS: "1",
};
writeFileSync(echo, "m".repeat(200_000));

function makeState(flags: readonly string[], variables: Record<string, string | undefined> = {}) {
  const script = "dist/prompt-cache/make-prompt-cache.mjs";
  return spawnSync(process.execPath, [script, ...flags], {
    env: { PATH: process.env.PATH, ...environment, BITNET_PROMPT_CACHE: state, ...variables },
    encoding: "utf8",
  });
}

/** What the engine is given for a conversation: its prompt, and its arguments. */
async function givenFor(variables: Record<string, string>, messages: object[]) {
  const opened = openApplication({ ...environment, ...variables });
  const event = { messages, temperature: 0, n_predict: 24, seed: 1 };
  const { statusCode, body } = await opened.application.invoke(event, opened.context);
  const { input, args }: Given = JSON.parse(JSON.parse(body).content);
  return {
    statusCode,
    input,
    args,
    warnings: opened.lines.filter(({ level }) => level === "warn"),
  };
}

interface Given {
  readonly input: string;
  readonly args: readonly string[];
}

const question = [{ role: "user", content: "What is the capital of France?" }];

describe("the prompt cache that the image build makes", () => {
  beforeAll(() => {
    writeFileSync(join(folder, "prompt"), systemPrompt);
    const made = makeState(["--system-prompt-file", join(folder, "prompt")]);
    expect([made.status, made.stderr]).toEqual([0, ""]);
  });

  it("is written by the engine behind the system prompt and the beginning of a turn", () => {
    const { input, args }: Given = JSON.parse(readFileSync(state, "utf8"));

    expect(input).toBe(`${systemPrefix(systemPrompt)}User: `);
    expect(args.slice(-2)).toEqual(["--prompt-cache", state]);
    expect(args.join(" ")).toContain("--predict 1 ");
  });

  it.each([
    ["begins with a question", question],
    ["begins with another role", [{ role: "assistant", content: "Ask me." }, ...question]],
  ])("is read for a conversation that %s, and changes nothing else", async (_name, messages) => {
    const without = await givenFor({}, messages);
    const having = await givenFor({ BITNET_PROMPT_CACHE: state }, messages);

    const flags = ["--prompt-cache", state, "--prompt-cache-ro"];
    const at = having.args.indexOf("--prompt-cache");
    expect(having.statusCode).toBe(200);
    expect(having.args.slice(at, at + 3)).toEqual(flags);
    expect(having.args.filter((arg) => !flags.includes(arg))).toEqual(without.args);
    expect(having.input).toBe(without.input);
    expect(having.warnings).toEqual([]);
  });

  it("is not read for a conversation that begins otherwise", async () => {
    const messages = [{ role: "system", content: "Be long." }, ...question];

    const { args, warnings } = await givenFor({ BITNET_PROMPT_CACHE: state }, messages);

    expect(args).not.toContain("--prompt-cache");
    expect(warnings).toEqual([]);
  });

  const identity = `${state}.json`;
  const otherEngine = join(folder, "other-engine");
  it.each([
    ["system prompt", { BITNET_SYSTEM_PROMPT: "Be long." }, state, undefined, /prefix/],
    ["engine", { BITNET_LLAMA_CLI: otherEngine }, state, undefined, /engine/],
    ["model", {}, echo, `${"m".repeat(199_999)}n`, /model/],
    ["state, damaged", {}, state, "stat", /state/],
    ["note of what it was made with, no JSON", {}, identity, "{", /JSON/],
    ["note of what it was made with, of another form", {}, identity, '{"engine":1}', /model/],
  ])("is left aside, with a warning, for another %s", async (...row) => {
    const [, variables, path, content, reason] = row;
    writeFileSync(otherEngine, `#!/bin/sh\nexec ${fakeLlamaCli} "$@"\n`, { mode: 0o755 });
    const before = readFileSync(path);
    if (content !== undefined) writeFileSync(path, content);

    const answer = await givenFor({ BITNET_PROMPT_CACHE: state, ...variables }, question);

    writeFileSync(path, before);
    expect(answer.args).not.toContain("--prompt-cache");
    const warning = { event: "prompt_cache_dropped", reason: expect.stringMatching(reason) };
    expect(answer.warnings).toMatchObject([warning]);
  });

  it("is left aside, with a warning, when it is for another processor", async () => {
    const other = process.arch === "arm64" ? "x86_64" : "arm64";
    const path = join(folder, "other", "state");
    makeState(["--architecture", other], { BITNET_PROMPT_CACHE: path });

    const answer = await givenFor({ BITNET_PROMPT_CACHE: path }, question);

    expect(answer.statusCode).toBe(200);
    expect(answer.args).not.toContain("--prompt-cache");
    expect(answer.warnings).toMatchObject([{ reason: "changed since it was made: architecture" }]);
  });

  it("is made by another program where the engine needs an emulator, and belongs to the engine", async () => {
    const emulated = join(folder, "emulated.sh");
    const script = `#!/bin/sh\ntouch ${folder}/ran\nexec ${fakeLlamaCli} "$@"\n`;
    writeFileSync(emulated, script, { mode: 0o755 });

    const { status } = makeState(["--run", emulated]);
    const { args } = await givenFor({ BITNET_PROMPT_CACHE: state }, question);

    expect([status, existsSync(join(folder, "ran"))]).toEqual([0, true]);
    expect(args).toContain("--prompt-cache-ro");
  });

  it("is not made without a system prompt, and its folder is", () => {
    writeFileSync(join(folder, "empty"), "");
    const path = join(folder, "none", "state");

    const { status, stdout } = makeState(["--system-prompt-file", join(folder, "empty")], {
      BITNET_PROMPT_CACHE: path,
    });

    expect([status, stdout]).toEqual([0, "no system prompt, no prompt cache\n"]);
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
