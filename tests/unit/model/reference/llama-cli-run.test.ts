import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordedFolder } from "../../../helpers/recorded.ts";
import { type FinishedRun, runLlamaCliForTest } from "./run-llama-cli.ts";

// What no transcript shows. Expectations follow main() of examples/main/main.cpp.

const usual = ["-m", join(recordedFolder, "random-tiny.gguf"), "--temp", "0", "--no-warmup"];
// "Hello world" is 11 tokens; the greedy answer begins PnVtSIHn uPnXZpHZpb ZpHJPmlDg NCHJK.
const hello = ["-c", "64", "-p", "Hello world", "--no-display-prompt"];

describe("runLlamaCli", () => {
  it.each([
    { name: "fits, with four tokens to spare", tokens: 60, exitCode: 0, message: "n_ctx = 64" },
    {
      name: "is one token longer",
      tokens: 61,
      exitCode: 1,
      message: "main: prompt is too long (61 tokens, max 60)",
    },
  ])("judges a prompt that $name", async ({ tokens, exitCode, message }) => {
    const digits = "2".repeat(tokens - 1); // a token each, behind the first

    const finished = await run(["-c", "64", "-p", digits, "-n", "1"]);

    expect(finished.exitCode).toBe(exitCode);
    expect(finished.stderr).toContain(message);
  });

  it.each([
    { asked: "0", kept: 1 },
    { asked: "3", kept: 4 },
    { asked: "11", kept: 12 },
    { asked: "12", kept: 11 },
    { asked: "-1", kept: 11 },
  ])("keeps $kept tokens of 11 for --keep $asked", async ({ asked, kept }) => {
    const finished = await run([...hello, "-n", "1", "--keep", asked]);

    expect(finished.stderr).toContain(`n_predict = 1, n_keep = ${kept}\n`);
  });

  it.each([
    { asked: "0", contextTokens: 4096 },
    { asked: "1", contextTokens: 32 },
    { asked: "64", contextTokens: 64 },
    { asked: "65", contextTokens: 96 },
  ])("makes a context of $contextTokens for -c $asked", async ({ asked, contextTokens }) => {
    const finished = await run(["-c", asked, "-p", "a", "-n", "0"]);

    expect(finished.stderr).toContain(`generate: n_ctx = ${contextTokens},`);
  });

  it.each([
    { name: "at the end of a token", reversePrompt: "SIHn", text: "PnVtSIHn" },
    { name: "one byte before the end of a token", reversePrompt: "SIH", text: "PnVtSIHn" },
    { name: "two bytes before it", reversePrompt: "SI", text: "PnVtSIHn" },
    { name: "across two tokens", reversePrompt: "nuPnXZpHZpb", text: "PnVtSIHnuPnXZpHZpb" },
    { name: "too deep in a token", reversePrompt: "VtS", text: "PnVtSIHnuPnXZpHZpbZpHJPmlDg" },
    { name: "in the prompt", reversePrompt: "world", text: "" },
    { name: "as the last token of the prompt", reversePrompt: "d", text: "" },
  ])("sees a reverse prompt $name", async ({ reversePrompt, text }) => {
    const finished = await run([...hello, "-n", "3", "-r", reversePrompt]);

    expect(finished.stdout.toString()).toBe(`${text}\n\n`);
  });

  it("answers a prompt that ends with an end token with nothing", async () => {
    const finished = await run(["-c", "64", "-p", "a<|eot_id|>", "-n", "4"]);

    expect(finished.stdout.toString()).toBe("a [end of text]\n\n\n");
  });

  it.each(["-1", "-2"])("ends an endless answer (-n %s) where the context does", async (count) => {
    const noShift = count === "-1" ? ["--no-context-shift"] : [];

    const finished = await run([...hello, "-n", count, ...noShift]);

    expect(finished.exitCode).toBe(0);
    expect(finished.stderr).toContain("/    52 runs");
  });

  it("goes on for ever with context shift, until it is interrupted", async () => {
    const finished = await run([...hello, "-n", "-1"], { interruptAt: 200 });

    expect(finished.exitCode).toBe(130);
  });

  it("answers alike, whatever the batches of the prompt", async () => {
    const whole = await run([...hello, "-n", "4"]);

    const pieces = await run([...hello, "-n", "4", "-b", "3", "-ub", "2"]);

    expect(pieces.stdout).toEqual(whole.stdout);
  });

  it("counts a batch of one token as a run, as llama.cpp does", async () => {
    const finished = await run([...hello, "-n", "1", "-ub", "10"]);

    expect(finished.stderr).toMatch(/prompt eval time = +[\d.]+ ms \/ +10 tokens/);
    expect(finished.stderr).toMatch(/ {8}eval time = +[\d.]+ ms \/ +1 runs/);
  });

  it("tells the random seed that it took", async () => {
    const finished = await run([...hello, "-n", "1", "--temp", "1"]);

    expect(finished.stderr).toContain("sampler seed: 12345\n");
  });

  it("samples the same for the same seed, and otherwise for another", async () => {
    const sampled = (seed: string) => run([...hello, "-n", "12", "--temp", "5", "--seed", seed]);

    const [one, same, other] = [await sampled("1"), await sampled("1"), await sampled("2")];

    expect(one.stdout).toEqual(same.stdout);
    expect(one.stdout).not.toEqual(other.stdout);
  });

  it("answers otherwise when it misreads the weights as upstream's ARM kernels do", async () => {
    const right = await run([...hello, "-n", "4"]);

    const wrong = await run([...hello, "-n", "4", "--i2s-block", "64"]);

    expect(wrong.exitCode).toBe(0);
    expect(wrong.stdout).not.toEqual(right.stdout);
  });

  it("refuses a prompt that is not UTF-8", async () => {
    const finished = await run(["-c", "64", "-p", "\\xff", "-n", "1"]);

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("error: the prompt is not valid UTF-8");
  });

  it("keeps a byte order mark in the prompt", async () => {
    const finished = await run(["-c", "64", "-p", "\ufeffa", "-n", "1", "--verbose-prompt"]);

    expect(finished.stderr).toContain("number of tokens in prompt = 5\n");
  });

  it("says that a folder is no model", async () => {
    const finished = await run(["-m", tmpdir(), "-p", "a"]);

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("Illegal operation on a directory");
    expect(finished.stderr).toContain("main: error: unable to load model");
  });

  it("says that a context is larger than memory", async () => {
    const finished = await run(["-c", "2147483647", "-p", "a"]);

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("failed to allocate buffer for kv cache");
  });

  it("fails without a word when the log is disabled", async () => {
    const finished = await run(["-m", "/nonexistent", "-p", "a", "--log-disable"]);

    expect(finished).toEqual({ exitCode: 1, stdout: Buffer.alloc(0), stderr: "" });
  });
});

function run(args: readonly string[], options?: { interruptAt: number }): Promise<FinishedRun> {
  return runLlamaCliForTest([...usual, ...args], options);
}
