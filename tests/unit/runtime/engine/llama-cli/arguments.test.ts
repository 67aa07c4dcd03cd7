import {
  contextSize,
  llamaCliArguments,
} from "../../../../../runtime/engine/llama-cli/arguments.ts";
import { requestOf } from "../../../../helpers/requests.ts";

const config = { modelPath: "/models/m.gguf", contextTokens: 4096, threads: 3 };

/** The arguments of a request with these settings. */
const argumentsOf = (settings = {}, prompt = "Hi") =>
  llamaCliArguments(requestOf(prompt, settings), config);

describe("llamaCliArguments", () => {
  it("passes every setting, even those that the request leaves out", () => {
    expect(argumentsOf().join(" ").replaceAll(" --", "\n--").split("\n")).toEqual([
      "--model /models/m.gguf",
      "--threads 3",
      "--ctx-size 160",
      "--ubatch-size 128",
      "--predict 128",
      "--temp 0.7",
      "--top-p 0.9",
      "--top-k 40",
      "--repeat-penalty 1.1",
      "--frequency-penalty 0",
      "--presence-penalty 0",
      "--min-p 0.05",
      "--seed 42",
      "--repeat-last-n 64",
      "--binary-file /dev/stdin",
      "--no-escape",
      "--no-display-prompt",
      "--no-warmup",
      "--no-context-shift",
      "--keep -1",
    ]);
  });

  it.each([
    ["n_predict", 8, "--predict", "8"],
    ["temperature", 0, "--temp", "0"],
    ["temperature", 1.25, "--temp", "1.25"],
    ["temperature", 1e-7, "--temp", "1e-7"],
    ["top_p", 0.5, "--top-p", "0.5"],
    ["top_k", 0, "--top-k", "0"],
    ["repeat_penalty", 1.3, "--repeat-penalty", "1.3"],
    ["frequency_penalty", -1.5, "--frequency-penalty", "-1.5"],
    ["presence_penalty", 0.5, "--presence-penalty", "0.5"],
    ["min_p", 0.2, "--min-p", "0.2"],
    ["seed", 4294967294, "--seed", "4294967294"],
  ])("passes %s %d as %s", (setting, value, flag, text) => {
    const args = argumentsOf({ [setting]: value });

    expect(args[args.indexOf(flag) + 1]).toBe(text);
  });

  it("never puts the prompt on the command line", () => {
    const args = argumentsOf({ stop: ["a stop"] }, "a secret");

    expect(args.join(" ")).not.toMatch(/a secret|a stop/);
  });
});

describe("contextSize", () => {
  it.each([
    ["one byte and one token", "a", 1, 32],
    ["exactly a multiple", "x".repeat(32 - 5 - 8), 8, 32],
    ["one more than a multiple", "x".repeat(32 - 5 - 8 + 1), 8, 64],
    ["bytes, not characters", "é".repeat(20), 1, 64],
    ["the default n_predict", "Hello", 128, 160],
    ["the model's whole context", "x".repeat(4096 - 5 - 128), 128, 4096],
    ["more than the model has", "x".repeat(5000), 128, 4096],
  ])("covers %s", (_name, prompt, predictTokens, size) => {
    expect(contextSize(requestOf(prompt, { n_predict: predictTokens }), 4096)).toBe(size);
  });

  it("stays within a smaller limit", () => {
    expect(contextSize(requestOf("Hello", { n_predict: 4096 }), 512)).toBe(512);
  });
});
