import { tmpdir } from "node:os";
import { goldenModel } from "../../../helpers/reference.ts";
import { randomModel, runLlamaCliForTest } from "./run-llama-cli.ts";

// What no transcript shows. Expectations follow common/arg.cpp and main() of examples/main/main.cpp.

// 11 tokens; the greedy answer begins PnVtSIHn uPnXZpHZpb ZpHJPmlDg NCHJK.
const hello = "Hello world";

describe("llama-cli understands", () => {
  it.each([
    [["--temp", "0.7"], ", temp = 0.700\n"],
    [["--temp", "-1"], ", temp = 0.000\n"],
    [["--top-k", "0"], "\ttop_k = 0, "],
    [["--top-p", "1e-1"], ", top_p = 0.100, "],
    [["--min-p", ".25"], ", min_p = 0.250, "],
    [["--repeat-penalty", "1.5"], ", repeat_penalty = 1.500, "],
    [["--presence-penalty", "0.5"], ", presence_penalty = 0.500\n"],
    [["--frequency-penalty", "-2"], ", frequency_penalty = -2.000, "],
    [["--repeat-last-n", "3"], "\trepeat_last_n = 3, "],
    [["--temp", "1", "--seed", "4294967294"], "sampler seed: 4294967294\n"],
    [["--predict", " 3x"], ", n_predict = 3, "],
    [["--keep", "0"], ", n_keep = 1\n"],
    [["--keep", "3"], ", n_keep = 4\n"],
    [["--keep", "11"], ", n_keep = 12\n"],
    [["--keep", "12"], ", n_keep = 11\n"],
    [["--keep", "-1"], ", n_keep = 11\n"],
    [["--ctx-size", "0"], "generate: n_ctx = 4096,"],
    [["--ctx-size", "1"], "generate: n_ctx = 32,", "a"],
    [["--ctx-size", "64"], "generate: n_ctx = 64,"],
    [["--ctx-size", "65"], "generate: n_ctx = 96,"],
    [[], "Read 8 bytes from binary file /dev/stdin\n", "Grüße\n"],
    [[], "generate: n_ctx = 64,", "2".repeat(59)], // 60 tokens: four to spare
    [["--keep", "-1"], "n_keep = 5\n", "\ufeffa"], // a byte order mark is part of the prompt
  ])("%j: %j", async (args, line, prompt = hello) => {
    const { exitCode, stderr } = await run(["--predict", "0", ...args], prompt);

    expect(exitCode).toBe(0);
    expect(stderr).toContain(line);
  });
});

describe("llama-cli refuses", () => {
  it.each([
    [["--no-such-flag"], "error: invalid argument: --no-such-flag\n"],
    [["toString"], "error: invalid argument: toString\n"],
    [["--predict", "many"], 'argument "--predict": stoi\n'],
    [["--predict", "99999999999"], 'argument "--predict": stoi\n'],
    [["--temp", "warm"], 'argument "--temp": stof\n'],
    [["--seed", "x"], 'argument "--seed": stoul\n'],
    [["--i2s-block", "32"], 'argument "--i2s-block": must be 128 or 64\n'],
    [["--logit-bias", "1"], 'argument "--logit-bias": must be TOKEN+BIAS\n'],
    [["--ctx-size", "2147483647"], "failed to allocate buffer for kv cache"],
    [["--model", tmpdir()], "Illegal operation on a directory"],
    [["--model", tmpdir()], "main: error: unable to load model\n\n"],
    [[], "main: prompt is too long (61 tokens, max 60)", "2".repeat(60)],
    [[], "error: the prompt is not valid UTF-8", Buffer.of(0xff)],
  ])("%j: %j", async (args, message, prompt: string | Buffer = hello) => {
    const { exitCode, stdout, stderr } = await run(args, prompt);

    expect([exitCode, stdout.toString()]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  });

  it.each([
    [["--binary-file", "/absent"], "error: failed to open file '/absent'\n\n"],
    [["--binary-file"], "expected value for argument\n"],
  ])("%j: %j, and says nothing else", async (args, reason) => {
    const { exitCode, stderr } = await runLlamaCliForTest(args, { isPromptSent: false });

    expect(exitCode).toBe(1);
    expect(stderr).toBe(`error while handling argument "--binary-file": ${reason}`);
  });
});

describe("runLlamaCli", () => {
  it("answers a prompt that ends with an end token with nothing", async () => {
    const finished = await run(["--predict", "4"], "a<|eot_id|>");

    expect(finished.stdout.toString()).toBe(" [end of text]\n\n\n");
  });

  it("ends an endless answer where the context does", async () => {
    const finished = await run(["--predict", "-1"]);

    expect(finished.exitCode).toBe(0);
    expect(finished.stderr).toContain("/    52 runs");
  });

  it("counts a batch of one token as a run, as llama.cpp does", async () => {
    const { stderr } = await run(["--predict", "1", "--ubatch-size", "10"]);

    expect(stderr).toMatch(/prompt eval time = +[\d.]+ ms \/ +10 tokens/);
    expect(stderr).toMatch(/ {8}eval time = +[\d.]+ ms \/ +1 runs/);
  });

  it.each([
    ["alike, whatever the batches of the prompt", ["--ubatch-size", "2"], [], true],
    [
      "otherwise for another",
      ["--temp", "5", "--seed", "1"],
      ["--temp", "5", "--seed", "2"],
      false,
    ],
    ["otherwise when it misreads the weights as on ARM", ["--i2s-block", "64"], [], false],
  ])("answers %s", async (_, args, otherArgs, isSame) => {
    const one = await run(["--predict", "12", ...args]);
    const other = await run(["--predict", "12", ...otherArgs]);

    expect([one.exitCode, one.stdout.equals(other.stdout)]).toEqual([0, isSame]);
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

    const finished = await run(args, "User: What is AWS Lambda?<|eot_id|>Assistant: ");

    expect(finished.stdout.toString()).toBe(`${answer} [end of text]\n\n\n`);
  });
});

function run(args: readonly string[], prompt: string | Buffer = hello) {
  const usual = ["--model", randomModel, "--ctx-size", "64", "--temp", "0"];
  return runLlamaCliForTest([...usual, ...args], { prompt });
}
