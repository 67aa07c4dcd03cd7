import { loadModel } from "../../model/reference/engine.ts";
import { tokenize } from "../../model/reference/tokenizer.ts";
import { enginesUnderTest, goldenModel } from "../helpers/reference.ts";
import { describeOpenAiClient } from "./openai-client.contract.ts";
import { answer as expected, greedy, messages, servedGolden } from "./served-golden.ts";

describe.each(enginesUnderTest)("with %s", (engine, variables) => {
  const baseUrl = servedGolden(variables);
  describeOpenAiClient(engine, { baseUrl, isAbortSeen: true, isStreaming: true });

  // Options of an answer that only an engine can keep.
  const ask = async (fields: object) => {
    const response = await fetch(`${baseUrl()}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ ...greedy, messages, ...fields }),
    });
    return JSON.parse(await response.text());
  };

  it("goes on beyond the end of text with ignore_eos", async () => {
    const answer = await ask({ ignore_eos: true, max_tokens: 40 });

    expect(answer.usage.completion_tokens).toBe(40);
    expect(answer.choices[0].message.content).toContain(expected);
  });

  it("keeps to a logit_bias", async () => {
    const question = await ask({ max_tokens: 1 });
    const first = question.choices[0].message.content;
    const banned = Object.fromEntries(Array.from({ length: 1024 }, (_, id) => [id, 0]));
    const { vocabulary } = loadModel(goldenModel);
    const [token = 0] = tokenize(first, vocabulary);

    const answer = await ask({ max_tokens: 1, logit_bias: { ...banned, [token]: -100 } });

    expect(answer.choices[0].message.content).not.toBe(first);
  });

  it("reports the probabilities of its tokens, or says who does", async () => {
    const { choices, error } = await ask({ logprobs: true, top_logprobs: 3 });

    if (engine === "llama-cli") return expect(error.param).toBe("logprobs");
    const [{ message, logprobs }] = choices;
    const tokens: { token: string; logprob: number; top_logprobs: { token: string }[] }[] =
      logprobs.content;
    expect(tokens.map(({ token }) => token).join("")).toBe(message.content);
    // Greedy: each is the best of its candidates, and almost certain in a trained answer.
    expect(tokens.every(({ token, top_logprobs }) => top_logprobs[0]?.token === token)).toBe(true);
    expect(tokens.every(({ logprob }) => logprob <= 0 && logprob > -1)).toBe(true);
    expect(tokens.every(({ top_logprobs }) => top_logprobs.length === 3)).toBe(true);
  });
});
