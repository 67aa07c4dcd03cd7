import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { generateGreedily, loadModel, topTokens } from "../../model/reference/engine.ts";
import { tokenizePrompt } from "../../model/reference/tokenizer.ts";
import { sha256OfFile } from "../../model/verified-file.ts";
import type { Expectation, Expectations } from "./golden-expectations.ts";

// The last step of `make golden`: writes the reference engine's answers to prompts.json, those with
// a sufficient margin at every token.

const modelPath = "model/golden/golden.gguf";
const expectationsPath = "model/golden/expectations.json";
const minimumMargin = 1;
const longestAnswer = 64;
const fewestCases = 24;

const promptsSchema = z.array(
  z.object({ form: z.enum(["raw", "chat"]), question: z.string(), prompt: z.string() }),
);

const model = loadModel(modelPath);
const prompts = promptsSchema.parse(JSON.parse(readFileSync("model/golden/prompts.json", "utf8")));
const candidates = prompts.map(({ form, prompt }) => answered(form, prompt));
const cases = candidates.filter(({ margins }) => Math.min(...margins) >= minimumMargin);
for (const form of ["raw", "chat"]) {
  console.log(`${form}: ${cases.filter((each) => each.form === form).length} sure answers`);
}
console.log(
  `${candidates.length - cases.length} of ${candidates.length} prompts left out as unsure`,
);
if (cases.length < fewestCases) throw new Error(`fewer than ${fewestCases} sure answers`);

const modelSha256 = await sha256OfFile(modelPath);
const expectations: Expectations = { modelSha256, minimumMargin, cases };
writeFileSync(expectationsPath, `${JSON.stringify(expectations, null, 1)}\n`);

/** The greedy answer to its end token; an answer without one gets the margin 0. */
function answered(form: Expectation["form"], prompt: string): Expectation {
  const limits = { tokens: longestAnswer, contextTokens: 512 };
  const steps = [...generateGreedily(model, prompt, limits)];
  const margins = steps.map(({ logits }) => {
    const [best, second] = topTokens(logits, 2);
    return Math.round(((best?.logit ?? 0) - (second?.logit ?? 0)) * 1000) / 1000;
  });
  if (!steps.at(-1)?.isEnd) margins.push(0);
  const bytes = steps.filter(({ isEnd }) => !isEnd).map((step) => step.bytes);
  const answer = Buffer.concat(bytes).toString();
  return { form, prompt, promptTokens: tokenizePrompt(prompt, model.vocabulary), answer, margins };
}
