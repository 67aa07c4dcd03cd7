import { join } from "node:path";
import { ggufTensorTypes } from "../../../../../model/gguf-format.ts";
import { encodeGguf } from "../../../../../model/gguf-writer.ts";
import { checkModel } from "../../../../../model/model-check.ts";
import { generateGreedily, loadModel } from "../../../../../model/reference/engine.ts";
import { tokenizePrompt } from "../../../../../model/reference/tokenizer.ts";
import { Transformer } from "../../../../../model/reference/transformer.ts";
import {
  type SyntheticRecipe,
  type SyntheticShape,
  shapeOf2B4T,
  syntheticModel,
} from "../../../../../scripts/lab/synthetic-model/synthetic-model.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";
import { writeGguf } from "../../../../helpers/write-gguf.ts";

const smallShape: SyntheticShape = {
  normalTokens: 1500,
  contextLength: 256,
  width: 256,
  feedForwardWidth: 384,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  normEpsilon: 1e-5,
  ropeBase: 500_000,
};
const small: SyntheticRecipe = { name: "small", shape: smallShape, embeddingType: "F16", seed: 7 };
const folder = temporaryFolder();
const path = join(folder, "small.gguf");
writeGguf(path, syntheticModel(small));
const model = loadModel(path);

describe("a synthetic model of 2B4T's shape", () => {
  const recipe = { name: "2b4t", shape: shapeOf2B4T, seed: 1 };
  const content = syntheticModel({ ...recipe, embeddingType: "F16" });
  const bytesOf = (name: RegExp, type: "F16" | "Q6_K" | "I2_S") =>
    content.tensors
      .filter((tensor) => name.test(tensor.name) && !/norm/.test(tensor.name))
      .reduce((sum, { dimensions: [columns = 0, rows = 1] }) => {
        return sum + ggufTensorTypes[type].byteLength(columns * rows);
      }, 0);

  // Sizes of the published model and of its requantized form.
  it("has the published model's tensors, byte for byte of their size", () => {
    expect(content.tensors).toHaveLength(332);
    expect(bytesOf(/^token_embd/, "F16")).toBe(656_670_720);
    expect(bytesOf(/^token_embd/, "Q6_K")).toBe(269_337_600);
    expect(bytesOf(/^token_embd/, "F16") + bytesOf(/^blk/, "I2_S")).toBe(1_177_688_640);
    const types = content.tensors.map(({ type }) => type);
    expect(types.filter((type) => type === "I2_S")).toHaveLength(210);
    expect(types.filter((type) => type === "F32")).toHaveLength(121);
  });

  it("has a vocabulary in which every merge makes one token of two earlier ones", () => {
    const tokens = content.metadata.get("tokenizer.ggml.tokens")?.value as string[];
    const merges = content.metadata.get("tokenizer.ggml.merges")?.value as string[];

    expect(new Set(tokens).size).toBe(128_256);
    expect(tokens[128_009]).toBe("<|eot_id|>");
    expect(merges).toHaveLength(128_000 - 256);
    const known = new Set(tokens.slice(0, 256));
    const wrong = merges.filter((merge, rank) => {
      const [left = "", right = ""] = merge.split(" ");
      const isValid = known.has(left) && known.has(right) && tokens[256 + rank] === left + right;
      known.add(left + right);
      return !isValid;
    });
    expect(wrong).toEqual([]);
  });
});

describe("a small synthetic model", () => {
  it("is one that this project serves", () => {
    const sixBit = join(folder, "q6k.gguf");
    writeGguf(sixBit, syntheticModel({ ...small, embeddingType: "Q6_K" }));

    expect(checkModel(sixBit)).toMatchObject({
      embeddingType: "Q6_K",
      layers: 3,
      vocabulary: 1756,
    });
  });

  it("generates for ever: the tokens that end a text are never the best", () => {
    const steps = [...generateGreedily(model, "Say something", { tokens: 60, contextTokens: 128 })];

    expect(steps).toHaveLength(60);
    expect(new Set(steps.map(({ token }) => token)).size).toBeGreaterThan(5);
    for (const { logits } of steps) {
      expect([...model.vocabulary.endOfGeneration].map((token) => logits[token])).toEqual([0, 0]);
    }
  });

  it("keeps activations at the size of their inputs through the layers", () => {
    const { parameters, weights, i2sBlock } = model;
    const transformer = new Transformer(parameters, weights, { contextTokens: 64, i2sBlock });
    const [hidden = new Float32Array()] = tokenizePrompt("Some text or other", model.vocabulary)
      .map((token, position) => transformer.evaluate({ token, position, isAlone: false }))
      .slice(-1);

    const meanSquare = hidden.reduce((sum, value) => sum + value * value, 0) / hidden.length;

    expect(Math.sqrt(meanSquare)).toBeGreaterThan(0.5);
    expect(Math.sqrt(meanSquare)).toBeLessThan(10);
  });

  it("writes English with far fewer tokens than letters", () => {
    const text = "the quick brown fox jumps over the lazy dog and goes home again";

    expect(tokenizePrompt(text, model.vocabulary).length).toBeLessThan(text.length * 0.65);
  });

  it("is the same each time, and another for another seed", () => {
    const [one, same, other] = [small, small, { ...small, seed: 8 }].map(bytesOfModel);

    expect(one?.equals(same ?? Buffer.alloc(0))).toBe(true);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
  });

  it("has ternary weights only, of each kind a third", () => {
    const tensor = syntheticModel(small).tensors.find(({ name }) => name === "blk.0.ffn_up.weight");
    const packed = Buffer.concat([...(tensor?.chunks() ?? [])]).subarray(0, (256 * 384) / 4);

    const codes = [...packed].flatMap((byte) => [0, 2, 4, 6].map((shift) => (byte >> shift) & 3));

    for (const [code, expected] of [1 / 3, 1 / 3, 1 / 3, 0].entries()) {
      const share = codes.filter((each) => each === code).length / codes.length;
      expect(Math.abs(share - expected)).toBeLessThan(0.01);
    }
  });
});

function bytesOfModel(recipe: SyntheticRecipe): Buffer {
  return Buffer.concat([...encodeGguf(syntheticModel(recipe))]);
}
