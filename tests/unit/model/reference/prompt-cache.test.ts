import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readExpectations } from "../../../../scripts/build/golden-expectations.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";
import { goldenModel } from "../../../helpers/reference.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { type FinishedRun, runLlamaCliForTest } from "./run-llama-cli.ts";

const folder = temporaryFolder();
const system =
  "System: You are a friendly assistant who answers small questions, such as of capitals and colours, in one sentence.<|eot_id|>";
// A prompt that ends with an end token is not evaluated at all, and no state is kept of it.
const opening = `${system}User:`;
const questions = readExpectations("model/golden/expectations.json")
  .cases.filter(({ form }) => form === "chat")
  .slice(0, 3)
  .map(({ prompt }) => prompt);

describe("a prompt cache", () => {
  const state = join(folder, "system.state");

  it("tells what it makes of a file that is not there, and writes it", async () => {
    const made = await run(opening, ["-n", "1", "--prompt-cache", state]);

    expect(said(made)).toEqual([
      `attempting to load saved session from '${state}'`,
      "session file does not exist, will create.",
    ]);
    expect(readdirSync(folder)).toContain("system.state");
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it.each(questions)(
    "answers %j to the byte as without it, and evaluates less",
    async (question) => {
      const prompt = system + question;
      const without = await run(prompt, ["-n", "16"]);

      const withState = await run(prompt, [
        "-n",
        "16",
        "--prompt-cache",
        state,
        "--prompt-cache-ro",
      ]);

      expect(withState.stdout).toEqual(without.stdout);
      expect(withState.exitCode).toBe(0);
      const known = matchingTokens(withState);
      expect(evaluated(withState)).toBe(evaluated(without) - known);
      expect(kept(withState)).toBe(kept(without));
      expect(known).toBeGreaterThan(20);
    },
  );

  it.each(["128", "512"])("serves a context of %s tokens as well", async (contextTokens) => {
    const prompt = system + questions[0];
    const without = await run(prompt, ["-n", "8", "-c", contextTokens]);

    const cache = ["--prompt-cache", state, "--prompt-cache-ro"];
    const withState = await run(prompt, ["-n", "8", "-c", contextTokens, ...cache]);

    expect(withState.stdout).toEqual(without.stdout);
    expect(evaluated(withState)).toBeLessThan(evaluated(without));
  });

  it("takes up a prompt cut into batches at the right token", async () => {
    const prompt = system + questions[0];
    const without = await run(prompt, ["-n", "8"]);

    const cache = ["--prompt-cache", state, "--prompt-cache-ro"];
    const withState = await run(prompt, ["-n", "8", "-b", "6", "-ub", "3", ...cache]);

    expect(withState.stdout).toEqual(without.stdout);
  });
});

describe("a prompt cache, told how much of the prompt it has", () => {
  it("evaluates nothing of a prompt that it ends with, and is not written again", async () => {
    const { path, first } = await made("User: Hello<|eot_id|>Assistant: ");
    const before = statSync(path).ino;

    const again = await run("User: Hello<|eot_id|>Assistant: ", ["-n", "8", ...cached(path)]);

    expect(said(again)).toContain("session file has exact match for prompt!");
    expect(again.stderr).toMatch(/prompt eval time = +[\d.]+ ms \/ +1 tokens/); // 0, told as 1
    expect(statSync(path).ino).toBe(before);
    expect(again.stdout).toEqual(first.stdout);
  });

  it("evaluates the last token again of a prompt that ends inside it", async () => {
    const prompt = "User: Hello<|eot_id|>Assistant: ";
    const { path } = await made(prompt, ["--prompt-cache-all"]);
    const without = await run(prompt, ["-n", "8"]);

    const again = await run(prompt, ["-n", "8", ...cached(path)]);

    expect(said(again)).toContain("session file has exact match for prompt!");
    expect(again.stdout).toEqual(without.stdout);
  });

  it("goes on from its own text when there is no prompt", async () => {
    const { path, first } = await made("User: Hello<|eot_id|>Assistant: ");

    const again = await run("", ["-n", "8", ...cached(path)]);

    expect(said(again)).toContain("using full prompt from session file");
    expect(again.stdout).toEqual(first.stdout);
  });

  it("forgets what does not fit the prompt", async () => {
    const { path } = await made("User: Thanks<|eot_id|>Assistant: ");
    const prompt = "System: Be kind.<|eot_id|>User: Hello<|eot_id|>Assistant: ";
    const without = await run(prompt, ["-n", "8"]);

    const again = await run(prompt, ["-n", "8", ...cached(path), "--prompt-cache-ro"]);

    expect(said(again).join()).toMatch(
      /session file has low similarity to prompt \(1 \/ \d+ tokens\); will mostly be reevaluated/,
    );
    expect(again.stdout).toEqual(without.stdout);
  });

  it("tells a match of half the prompt, and keeps the longer one", async () => {
    const { path } = await made("User: Hello<|eot_id|>Assistant:");
    const before = readFileSync(path);

    const longer = await run("User: Hello<|eot_id|>Assistant: ", ["-n", "1", ...cached(path)]);
    const again = await run("User: Hello<|eot_id|>Assistant: ", ["-n", "1", ...cached(path)]);

    expect(said(longer).join()).toMatch(/session file matches \d+ \/ \d+ tokens of prompt/);
    expect(readFileSync(path).length).toBeGreaterThan(before.length);
    expect(said(again)).toContain("session file has exact match for prompt!");
  });
});

describe("a prompt cache's file", () => {
  it("is left alone when it is to be read only", async () => {
    const absent = join(folder, "absent.state");
    const { path } = await made("User: Hello<|eot_id|>Assistant:");
    const before = readFileSync(path);

    await run("User: Hello", ["-n", "1", ...cached(absent), "--prompt-cache-ro"]);
    const all = await run("User: Hello<|eot_id|>Assistant: ", [
      ...["-n", "1", "--prompt-cache-all", "--prompt-cache-ro"],
      ...cached(path),
    ]);

    expect(existsSync(absent)).toBe(false);
    expect(readFileSync(path)).toEqual(before);
    expect(all.stdout.toString()).not.toContain("saving final output");
  });

  it("is not written when nothing is to be generated, or the prompt is at its end already", async () => {
    const path = join(folder, "nothing.state");

    await run("User: Hello", ["-n", "0", ...cached(path)]);
    await run("User: Hello<|eot_id|>", ["-n", "1", ...cached(path)]);

    expect(existsSync(path)).toBe(false);
  });

  it("holds the answer too when all is to be kept", async () => {
    const path = join(folder, "all.state");
    const prompt = "User: Hello<|eot_id|>Assistant: ";

    const first = await run(prompt, ["-n", "5", "--prompt-cache-all", ...cached(path)]);
    const next = await run("", ["-n", "5", ...cached(path)]);

    const text = first.stdout.toString();
    const saving = `\nmain: saving final output to session file '${path}'\n`;
    expect(text).toContain(saving);
    const answer = text.slice(0, text.indexOf(saving));
    const whole = await run(prompt, ["-n", "9"]);
    // The fifth token was sampled but not evaluated: it is not in the file.
    expect(loadedTokens(next)).toBe(promptTokens(first) + 4);
    expect(whole.stdout.toString().startsWith(answer)).toBe(true);
    expect(whole.stdout.toString().trimEnd().endsWith(next.stdout.toString().trimEnd())).toBe(true);
  });

  it("is not written behind a context shift, nor by an interrupted run", async () => {
    const [shifted, interrupted] = [join(folder, "shifted"), join(folder, "interrupted")];
    const prompt = ["-c", "32", "-p", "User: Hi", "--prompt-cache-all"];
    const random = ["-m", join(recordedFolder, "random-tiny.gguf")];

    const run1 = await run("User: Hi", [...prompt, ...random, "-n", "40", ...cached(shifted)]);
    await run("User: Hi", [...prompt, "-n", "8", ...cached(interrupted)], { interruptAt: 3 });

    // What was kept behind the prompt stays.
    const kept = await run("", ["-n", "1", ...random, ...cached(shifted)]);
    expect(run1.stdout.toString()).not.toContain("saving final output");
    expect(loadedTokens(kept)).toBe(promptTokens(run1));
    expect(existsSync(interrupted)).toBe(false);
  });

  it("is begun anew when it is empty", async () => {
    const path = join(folder, "empty.state");
    writeFileSync(path, "");

    const first = await run("User: Hello", ["-n", "1", ...cached(path)]);

    expect(said(first)).toContain("The session file is empty. A new session will be initialized.");
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });

  it("costs no answer when it cannot be written", async () => {
    const path = join(folder, "no-such-folder", "state");

    const first = await run("User: Hello", ["-n", "2", ...cached(path)]);

    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain(
      `error saving session file: failed to write ${path}: No such file or directory\n`,
    );
    expect(first.stdout).toEqual((await run("User: Hello", ["-n", "2"])).stdout);
  });

  it.each<{ name: string; spoil: (path: string) => void; reason: string }>([
    {
      name: "was cut off",
      spoil: (path) => writeFileSync(path, readFileSync(path).subarray(0, -1)),
      reason: "llama_state_load_file: error loading session file: unexpectedly reached end of file",
    },
    {
      name: "was cut off at its beginning",
      spoil: (path) => writeFileSync(path, readFileSync(path).subarray(0, 3)),
      reason: "llama_state_load_file: error loading session file: unexpectedly reached end of file",
    },
    {
      name: "goes on too long",
      spoil: (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(3)])),
      reason: "did not read all of the session file data! 3 bytes are left",
    },
    {
      name: "names a token that there is not",
      spoil: (path) => {
        const bytes = readFileSync(path);
        bytes.writeUInt32LE(1024, 12 + bytes.readUInt32LE(8) + 4); // behind the fingerprint
        writeFileSync(path, bytes);
      },
      reason: "llama_state_load_file: error loading session file: there is no token 1024",
    },
    {
      name: "is none",
      spoil: (path) => copyFileSync(goldenModel, path),
      reason: "unknown (magic, version) for session file: 46554747, 00000003",
    },
  ])("that $name ends the run", async ({ spoil, reason }) => {
    const { path } = await made("User: Hello<|eot_id|>Assistant:");
    spoil(path);

    const again = await run("User: Hello", ["-n", "1", ...cached(path)]);

    expect(again.exitCode).toBe(1);
    expect(again.stdout).toEqual(Buffer.alloc(0));
    expect(again.stderr).toContain(`${reason}\nmain: failed to load session file '${path}'\n`);
  });

  it("that is a folder ends the run", async () => {
    const path = join(folder, "folder.state");
    mkdirSync(path);

    const first = await run("User: Hello", ["-n", "1", ...cached(path)]);

    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain(`main: failed to load session file '${path}'\n`);
  });

  it.each([
    { name: "a model of another shape", args: ["-m", join(recordedFolder, "random-tiny.gguf")] },
    { name: "weights read in another way", args: ["--i2s-block", "64"] },
  ])("ends a run with $name", async ({ args }) => {
    const { path } = await made("User: Hello<|eot_id|>Assistant:");

    const again = await run("User: Hello", ["-n", "1", ...args, ...cached(path)]);

    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain("made with a model of another shape");
  });

  it("ends a run whose context is shorter", async () => {
    const { path, first } = await made(opening);

    const again = await run("User: Hello", ["-n", "1", "-c", "32", ...cached(path)]);

    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain(
      `token count in session file exceeded capacity! ${promptTokens(first)} > 32\n`,
    );
  });
});

let files = 0;

/** A state behind a prompt, in a file of its own. */
async function made(
  prompt: string,
  args: readonly string[] = [],
): Promise<{ path: string; first: FinishedRun }> {
  const path = join(folder, `${files++}.state`);
  return { path, first: await run(prompt, ["-n", "8", ...cached(path), ...args]) };
}

function cached(path: string): string[] {
  return ["--prompt-cache", path];
}

function run(
  prompt: string,
  args: readonly string[],
  options?: { interruptAt: number },
): Promise<FinishedRun> {
  const usual = ["-m", goldenModel, "-c", "256", "--temp", "0", "--no-warmup", "--keep", "-1"];
  return runLlamaCliForTest([...usual, "--no-display-prompt", "-p", prompt, ...args], options);
}

/** What was said of the cache. */
function said({ stderr }: FinishedRun): string[] {
  return [...stderr.matchAll(/^main: (.*(session).*)$/gm)].map((match) => match[1] ?? "");
}

function numberIn({ stderr }: FinishedRun, pattern: RegExp): number {
  return Number(pattern.exec(stderr)?.[1]);
}

function evaluated(finished: FinishedRun): number {
  return numberIn(finished, /prompt eval time = +[\d.]+ ms \/ +(\d+) tokens/);
}

function loadedTokens(finished: FinishedRun): number {
  return numberIn(finished, /loaded a session with prompt size of (\d+) tokens/);
}

function matchingTokens(finished: FinishedRun): number {
  return numberIn(finished, /session file matches (\d+) /);
}

/** What `--keep -1` tells: the length of the whole prompt. */
function kept(finished: FinishedRun): number {
  return numberIn(finished, /n_keep = (\d+)/);
}

const promptTokens = kept;
