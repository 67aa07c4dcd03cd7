import {
  contextSize,
  llamaCliArguments,
} from "../../../../../runtime/engine/llama-cli/arguments.ts";
import { requestOf } from "../../../../helpers/requests.ts";

const config = { modelPath: "/models/m.gguf", contextTokens: 4096, threads: 3 };

/** The value behind a flag; fails when the flag is not there exactly once. */
function valueBehind(args: readonly string[], flag: string): string | undefined {
  expect(args.filter((arg) => arg === flag)).toHaveLength(1);
  return args[args.indexOf(flag) + 1];
}

describe("llamaCliArguments", () => {
  it.each([
    ["n_predict", 8, "--predict", "8"],
    ["temperature", 0, "--temp", "0"],
    ["temperature", 1.25, "--temp", "1.25"],
    ["top_p", 0.5, "--top-p", "0.5"],
    ["top_k", 0, "--top-k", "0"],
    ["repeat_penalty", 1.3, "--repeat-penalty", "1.3"],
    ["frequency_penalty", -1.5, "--frequency-penalty", "-1.5"],
    ["presence_penalty", 0.5, "--presence-penalty", "0.5"],
    ["min_p", 0.2, "--min-p", "0.2"],
    ["seed", 4294967294, "--seed", "4294967294"],
  ])("passes %s %d as %s", (setting, value, flag, text) => {
    const args = llamaCliArguments(requestOf("Hi", { [setting]: value }), config);

    expect(valueBehind(args, flag)).toBe(text);
  });

  it.each([
    ["--predict", "128"],
    ["--temp", "0.7"],
    ["--top-p", "0.9"],
    ["--top-k", "40"],
    ["--repeat-penalty", "1.1"],
    ["--repeat-last-n", "64"],
    ["--frequency-penalty", "0"],
    ["--presence-penalty", "0"],
    ["--min-p", "0.05"],
    ["--seed", "42"],
  ])("passes %s even when the request leaves it out", (flag, text) => {
    expect(valueBehind(llamaCliArguments(requestOf("Hi"), config), flag)).toBe(text);
  });

  it.each([
    ["--model", "/models/m.gguf"],
    ["--threads", "3"],
    ["--ubatch-size", "128"],
    ["--binary-file", "/dev/stdin"],
    ["--keep", "-1"],
  ])("passes %s %s", (flag, text) => {
    expect(valueBehind(llamaCliArguments(requestOf("Hi"), config), flag)).toBe(text);
  });

  it.each(["--no-escape", "--no-display-prompt", "--no-warmup", "--no-context-shift"])(
    "passes %s",
    (flag) => {
      expect(llamaCliArguments(requestOf("Hi"), config)).toContain(flag);
    },
  );

  it("never puts the prompt on the command line", () => {
    const args = llamaCliArguments(requestOf("a secret", { stop: ["a stop"] }), config);

    expect(args.join(" ")).not.toMatch(/a secret|a stop/);
  });

  it("writes very small numbers in a form that C++ reads back", () => {
    const args = llamaCliArguments(requestOf("Hi", { temperature: 1e-7 }), config);

    expect(Number(valueBehind(args, "--temp"))).toBe(1e-7);
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
