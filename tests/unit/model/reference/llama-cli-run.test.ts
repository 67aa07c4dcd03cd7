import { tmpdir } from "node:os";
import { goldenModel } from "../../../helpers/reference.ts";
import { randomModel, runLlamaCliForTest } from "./run-llama-cli.ts";

// What no transcript shows. Expectations follow main() of examples/main/main.cpp.

// 11 tokens; the greedy answer begins PnVtSIHn uPnXZpHZpb ZpHJPmlDg NCHJK.
const hello = "Hello world";

const run = (args: readonly string[], prompt: string | Buffer = hello) =>
  runLlamaCliForTest(["--model", randomModel, "--ctx-size", "64", "--temp", "0", ...args], prompt);

describe("llama-cli", () => {
  it.each([
    [["--ctx-size", "0"], "n_ctx = 4096, n_batch = 2048, n_predict = 0, n_keep = 11\n"],
    [["--ctx-size", "1"], "n_ctx = 32,", "a"],
    [["--ctx-size", "64"], "n_ctx = 64,"],
    [["--ctx-size", "65"], "n_ctx = 96,"],
    [[], "n_keep = 60\n", "2".repeat(59)], // four tokens to spare
    [[], "n_keep = 5\n", "\ufeffa"], // a byte order mark is part of the prompt
  ])("understands %j: %j", async (args, line, prompt = hello) => {
    const { exitCode, stderr } = await run(["--predict", "0", ...args], prompt);

    expect(exitCode).toBe(0);
    expect(stderr).toContain(line);
  });

  it.each([
    [["--no-such-flag"], "error: Unknown option '--no-such-flag'"],
    [["--predict", "many"], "error: 'many' is not a number"],
    [["--predict"], "error: '' is not a number"],
    [["--binary-file", "/absent"], "error: failed to open file '/absent'"],
    [["--model", tmpdir()], "gguf_init_from_file: failed to open"],
    [[], "main: prompt is too long (61 tokens, max 60)", "2".repeat(60)],
    [[], "error: failed to open file '/dev/stdin': TypeError", Buffer.of(0xff)],
  ])("refuses %j: %j", async (args, message, prompt: string | Buffer = hello) => {
    const { exitCode, stdout, stderr } = await run(args, prompt);

    expect([exitCode, stdout.toString()]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  });

  it("answers a prompt that ends with an end token with nothing", async () => {
    const { stdout } = await run(["--predict", "4"], "a<|eot_id|>");

    expect(stdout.toString()).toBe(" [end of text]\n\n\n");
  });

  it("ends an endless answer where the context does", async () => {
    const { exitCode, stderr } = await run(["--predict", "-1"]);

    expect(exitCode).toBe(0);
    expect(stderr).toContain("/ 52 runs");
  });

  it("counts a batch of one token as a run, as llama.cpp does", async () => {
    const { stderr } = await run(["--predict", "1", "--ubatch-size", "10"]);

    expect(stderr).toMatch(/prompt eval time = [\d.]+ ms \/ 10 tokens/);
    expect(stderr).toMatch(/ {8}eval time = [\d.]+ ms \/ 1 runs/);
  });

  it.each([
    ["alike, whatever the batches of the prompt", ["--ubatch-size", "2"], true],
    ["otherwise when it misreads the weights as on ARM", ["--i2s-block", "64"], false],
  ])("answers %s", async (_, args, isSame) => {
    const one = await run(["--predict", "12"]);
    const other = await run(["--predict", "12", ...args]);

    expect([other.exitCode, other.stdout.equals(one.stdout)]).toEqual([0, isSame]);
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

    const { stdout } = await run(args, "User: What is AWS Lambda?<|eot_id|>Assistant: ");

    expect(stdout.toString()).toBe(`${answer} [end of text]\n\n\n`);
  });
});
