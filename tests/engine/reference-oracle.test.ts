import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type GreedyStep,
  generateGreedily,
  loadModel,
  topTokens,
} from "../../model/reference/engine.ts";
import { tokenizePrompt } from "../../model/reference/tokenizer.ts";
import { untilNul } from "../../model/reference/vocabulary.ts";
import { recordedFolder } from "../helpers/recorded.ts";

// What the real engine (BitNet 01eb415, AVX2) answered on a random model. A random model hesitates
// often, so that small errors show at once.

interface OracleCase {
  readonly prompt: string;
  readonly prompt_tokens: readonly number[];
  readonly llama_cli_stdout_base64: string;
  /** The first steps, but for tokens that are broken UTF-8, which llama-server skips. */
  readonly server_first_16: readonly { readonly top: readonly (readonly [string, number])[] }[];
}

const { cases }: { cases: OracleCase[] } = JSON.parse(
  readFileSync(join(recordedFolder, "random-tiny.oracle-01eb415.json"), "utf8"),
);
const model = loadModel(join(recordedFolder, "random-tiny.gguf"));

/** Of probabilities; so small because this engine adds up in the order of the real one. */
const largestDifference = 1e-5;

describe.each(cases)("the reference engine on $prompt", (oracle) => {
  const steps = [...generateGreedily(model, oracle.prompt, { tokens: 32, contextTokens: 512 })];

  it("reads the prompt as the same tokens", () => {
    expect(tokenizePrompt(oracle.prompt, model.vocabulary)).toEqual(oracle.prompt_tokens);
  });

  it("answers with the same bytes", () => {
    const text = Buffer.concat(steps.map((step) => untilNul(step.bytes)));

    const answer = Buffer.concat([text, Buffer.from("\n\n")]);

    expect(answer.toString("base64")).toBe(oracle.llama_cli_stdout_base64);
  });

  it("gives the best tokens of each step the same names and probabilities", () => {
    const shown = steps.filter((step) => !isSkipped(step, oracle));

    for (const [index, { top }] of oracle.server_first_16.entries()) {
      const { token = -1, logits = new Float32Array() } = shown[index] ?? {};
      const ranked = topTokens(logits, 5);
      expect([nameOf(token), ranked.length]).toEqual([top[0]?.[0], 5]);
      for (const [rank, { probability }] of ranked.entries()) {
        const difference = probability - (top[rank]?.[1] ?? Number.NaN);
        expect(Math.abs(difference)).toBeLessThan(largestDifference);
      }
    }
  });
});

/** Lone bytes of broken UTF-8 are shown by llama-server only where its list has them. */
function isSkipped(step: GreedyStep, { server_first_16 }: OracleCase): boolean {
  const name = nameOf(step.token);
  return name.startsWith("byte:") && !server_first_16.some(({ top }) => top[0]?.[0] === name);
}

function nameOf(token: number): string {
  const bytes = model.vocabulary.bytesOf(token, true);
  const [first = 0] = bytes;
  if (bytes.length === 1 && first >= 0x80) return `byte: \\x${first.toString(16)}`;
  return Buffer.from(bytes).toString();
}
