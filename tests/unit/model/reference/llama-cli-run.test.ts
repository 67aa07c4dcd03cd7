import { tmpdir } from "node:os";
import { goldenModel } from "../../../helpers/reference.ts";
import { type FinishedRun, randomModel, runLlamaCliForTest } from "./run-llama-cli.ts";

// What no transcript shows. Expectations follow common/arg.cpp and main() of examples/main/main.cpp.

const usual = ["--model", randomModel, "--temp", "0"];
// "Hello world" is 11 tokens; the greedy answer begins PnVtSIHn uPnXZpHZpb ZpHJPmlDg NCHJK.
const hello = { prompt: "Hello world" };

describe("the command line of llama-cli", () => {
  it.each([
    { args: ["--temp", "0.7"], line: ", temp = 0.700\n" },
    { args: ["--temp", "-1"], line: ", temp = 0.000\n" },
    { args: ["--top-k", "0"], line: "\ttop_k = 0, " },
    { args: ["--top-p", "1e-1"], line: ", top_p = 0.100, " },
    { args: ["--min-p", ".25"], line: ", min_p = 0.250, " },
    { args: ["--repeat-penalty", "1.5"], line: ", repeat_penalty = 1.500, " },
    { args: ["--presence-penalty", "0.5"], line: ", presence_penalty = 0.500\n" },
    { args: ["--frequency-penalty", "-2"], line: ", frequency_penalty = -2.000, " },
    { args: ["--repeat-last-n", "3"], line: "\trepeat_last_n = 3, " },
    { args: ["--temp", "1", "--seed", "4294967294"], line: "sampler seed: 4294967294\n" },
    { args: ["--predict", " 3x"], line: ", n_predict = 3, " },
  ])("understands $args", async ({ args, line }) => {
    const finished = await run(["--ctx-size", "64", "--predict", "0", ...args]);

    expect(finished.stderr).toContain(line);
  });

  it.each([
    { args: ["--no-such-flag"], message: "error: invalid argument: --no-such-flag\n" },
    { args: ["toString"], message: "error: invalid argument: toString\n" },
    { args: ["--predict", "many"], message: 'argument "--predict": stoi\n' },
    { args: ["--predict", "99999999999"], message: 'argument "--predict": stoi\n' },
    { args: ["--temp", "warm"], message: 'argument "--temp": stof\n' },
    { args: ["--seed", "x"], message: 'argument "--seed": stoul\n' },
    { args: ["--i2s-block", "32"], message: 'argument "--i2s-block": must be 128 or 64\n' },
  ])("refuses $args", async ({ args, message }) => {
    const finished = await run(args);

    expect(finished).toMatchObject({ exitCode: 1, stdout: Buffer.alloc(0) });
    expect(finished.stderr).toContain(message);
  });

  it("refuses a prompt that is not there", async () => {
    const finished = await run(["--binary-file", "/absent"], { isPromptSent: false });

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toBe(
      "error while handling argument \"--binary-file\": error: failed to open file '/absent'\n\n",
    );
  });

  it("refuses a flag without its value", async () => {
    const finished = await run(["--keep"], { isPromptSent: false });

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toBe(
      'error while handling argument "--keep": expected value for argument\n',
    );
  });

  it("writes how many bytes the prompt had", async () => {
    const finished = await run(["--ctx-size", "64", "--predict", "0"], { prompt: "Grüße\n" });

    expect(finished.stderr).toContain("Read 8 bytes from binary file /dev/stdin\n");
  });
});

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
    const prompt = "2".repeat(tokens - 1); // a token each, behind the first

    const finished = await run(["--ctx-size", "64", "--predict", "1"], { prompt });

    expect(finished.exitCode).toBe(exitCode);
    expect(finished.stderr).toContain(message);
  });

  it.each([
    { asked: "0", kept: 1 },
    { asked: "3", kept: 4 },
    { asked: "11", kept: 12 },
    { asked: "12", kept: 11 },
    { asked: "-1", kept: 11 },
  ])("prints $kept kept tokens of 11 for --keep $asked", async ({ asked, kept }) => {
    const finished = await run(["--ctx-size", "64", "--predict", "1", "--keep", asked], hello);

    expect(finished.stderr).toContain(`n_predict = 1, n_keep = ${kept}\n`);
  });

  it.each([
    { asked: "0", contextTokens: 4096 },
    { asked: "1", contextTokens: 32 },
    { asked: "64", contextTokens: 64 },
    { asked: "65", contextTokens: 96 },
  ])("makes a context of $contextTokens for $asked", async ({ asked, contextTokens }) => {
    const finished = await run(["--ctx-size", asked, "--predict", "0"], { prompt: "a" });

    expect(finished.stderr).toContain(`generate: n_ctx = ${contextTokens},`);
  });

  it("answers a prompt that ends with an end token with nothing", async () => {
    const prompt = "a<|eot_id|>";

    const finished = await run(["--ctx-size", "64", "--predict", "4"], { prompt });

    expect(finished.stdout.toString()).toBe(" [end of text]\n\n\n");
  });

  it("ends an endless answer where the context does", async () => {
    const finished = await run(["--ctx-size", "64", "--predict", "-1"], hello);

    expect(finished.exitCode).toBe(0);
    expect(finished.stderr).toContain("/    52 runs");
  });

  it("answers alike, whatever the batches of the prompt", async () => {
    const args = ["--ctx-size", "64", "--predict", "4"];
    const whole = await run(args, hello);

    const pieces = await run([...args, "--ubatch-size", "2"], hello);

    expect(pieces.stdout).toEqual(whole.stdout);
  });

  it("counts a batch of one token as a run, as llama.cpp does", async () => {
    const args = ["--ctx-size", "64", "--predict", "1", "--ubatch-size", "10"];

    const finished = await run(args, hello);

    expect(finished.stderr).toMatch(/prompt eval time = +[\d.]+ ms \/ +10 tokens/);
    expect(finished.stderr).toMatch(/ {8}eval time = +[\d.]+ ms \/ +1 runs/);
  });

  it("samples the same for the same seed, and otherwise for another", async () => {
    const sampled = (seed: string) =>
      run(["--ctx-size", "64", "--predict", "12", "--temp", "5", "--seed", seed], hello);

    const [one, same, other] = [await sampled("1"), await sampled("1"), await sampled("2")];

    expect(one.stdout).toEqual(same.stdout);
    expect(one.stdout).not.toEqual(other.stdout);
  });

  it.each([
    [[], "AWS Lambda runs your code in the cloud without servers to manage."],
    [
      ["--presence-penalty", "12"],
      "AWSambda runs your code in the cloud without servers to manage.",
    ],
    [
      ["--frequency-penalty", "12"],
      "AWSambda runs your code in the cloud without servers to manage.",
    ],
  ])("answers with %j as the compiled engine does", async (flags, answer) => {
    const args = ["--model", goldenModel, "--ctx-size", "128", "--predict", "24", ...flags];

    const finished = await run(args, { prompt: "User: What is AWS Lambda?<|eot_id|>Assistant: " });

    expect(finished.stdout.toString()).toBe(`${answer} [end of text]\n\n\n`);
  });

  it("answers otherwise when it misreads the weights as upstream's ARM kernels do", async () => {
    const args = ["--ctx-size", "64", "--predict", "4"];
    const right = await run(args, hello);

    const wrong = await run([...args, "--i2s-block", "64"], hello);

    expect(wrong.exitCode).toBe(0);
    expect(wrong.stdout).not.toEqual(right.stdout);
  });

  it("refuses a prompt that is not UTF-8", async () => {
    const prompt = Buffer.of(0xff);

    const finished = await run(["--ctx-size", "64", "--predict", "1"], { prompt });

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("error: the prompt is not valid UTF-8");
  });

  it("keeps a byte order mark in the prompt", async () => {
    const args = ["--ctx-size", "64", "--predict", "1", "--keep", "-1"];

    const finished = await run(args, { prompt: "\ufeffa" });

    expect(finished.stderr).toContain("n_keep = 5\n");
  });

  it("says that a folder is no model", async () => {
    const finished = await run(["--model", tmpdir()]);

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("Illegal operation on a directory");
    expect(finished.stderr).toContain("main: error: unable to load model");
  });

  it("says that a context is larger than memory", async () => {
    const finished = await run(["--ctx-size", "2147483647"]);

    expect(finished.exitCode).toBe(1);
    expect(finished.stderr).toContain("failed to allocate buffer for kv cache");
  });
});

function run(
  args: readonly string[],
  options?: { prompt?: string | Buffer; isPromptSent?: boolean },
): Promise<FinishedRun> {
  return runLlamaCliForTest([...usual, ...args], options);
}
