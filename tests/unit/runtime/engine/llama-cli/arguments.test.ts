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
  it.each([
    ["even those that the request leaves out", {}, [0.7, 0.9, 40, 1.1, 0, 0, 0.05, 42], [160, 128]],
    [
      "as it is sent",
      {
        n_predict: 8,
        temperature: 1e-7,
        top_p: 0.5,
        top_k: 0,
        repeat_penalty: 1.3,
        frequency_penalty: -1.5,
        presence_penalty: 0.5,
        min_p: 0.2,
        seed: 4294967294,
      },
      ["1e-7", 0.5, 0, 1.3, -1.5, 0.5, 0.2, 4294967294],
      [32, 8],
    ],
  ])("passes every setting, %s", (_name, settings, sampling, [contextTokens, tokens]) => {
    const flags = ["temp", "top-p", "top-k", "repeat-penalty", "frequency-penalty"];
    const allFlags = [...flags, "presence-penalty", "min-p", "seed"];

    expect(argumentsOf(settings).join(" ").replaceAll(" --", "\n--").split("\n")).toEqual([
      "--model /models/m.gguf",
      "--threads 3",
      `--ctx-size ${contextTokens}`,
      "--ubatch-size 128",
      `--predict ${tokens}`,
      ...allFlags.map((flag, at) => `--${flag} ${sampling[at]}`),
      "--repeat-last-n 64",
      "--binary-file /dev/stdin",
      "--no-escape",
      "--no-display-prompt",
      "--no-warmup",
      "--no-context-shift",
      "--keep -1",
    ]);
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
