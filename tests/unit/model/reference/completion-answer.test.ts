import { join } from "node:path";
import { CompletionAnswer } from "../../../../model/reference/completion-answer.ts";
import type { CompletionRequest } from "../../../../model/reference/completion-request.ts";
import { loadModel, type Model } from "../../../../model/reference/engine.ts";
import { defaultEngineSettings } from "../../../../model/reference/engine-settings.ts";
import { recordedFolder } from "../../../helpers/recorded.ts";

const letter = 0x61;
const end = 1020;
let model: Model;

beforeAll(() => {
  model = loadModel(join(recordedFolder, "random-tiny.gguf"));
});

describe("CompletionAnswer", () => {
  it.each([
    { predictTokens: 3, promptTokens: 5, taken: 3, truncated: false },
    { predictTokens: -1, promptTokens: 4090, taken: 6, truncated: true },
    { predictTokens: 0, promptTokens: 4090, taken: 1, truncated: false },
  ])(
    "ends after $taken tokens when asked for $predictTokens behind $promptTokens of 4096",
    ({ predictTokens, promptTokens, taken, truncated }) => {
      const answer = answerTo({ predictTokens }, promptTokens);
      let count = 0;
      for (; !answer.hasEnded; count++) answer.take(letter);

      expect(count).toBe(taken);
      expect(report(answer)).toMatchObject({ truncated, stopped_limit: true, stopped_eos: false });
    },
  );

  it.each([
    {
      name: "an end token in last place",
      tokens: [letter, end],
      told: { stopped_limit: true, stopped_eos: true, content: "a" },
    },
    {
      name: "a stop word in last place",
      tokens: [letter, letter + 1],
      told: { stopped_limit: false, stopped_word: true, stopping_word: "b", content: "a" },
    },
  ])("tells of $name what llama-server tells", ({ tokens, told }) => {
    const answer = answerTo({ predictTokens: 2, stop: [Buffer.from("b")] }, 5);
    for (const token of tokens) answer.take(token);

    expect(report(answer)).toMatchObject(told);
  });
});

function answerTo(request: Partial<CompletionRequest>, promptTokens: number): CompletionAnswer {
  const whole: CompletionRequest = {
    prompt: "",
    isStreamed: false,
    cachesPrompt: false,
    predictTokens: -1,
    keepTokens: undefined,
    stop: [],
    grammar: "",
    sampling: defaultEngineSettings().sampling,
    ...request,
  };
  return new CompletionAnswer(whole, model, { promptTokens, freshTokens: promptTokens });
}

function report(answer: CompletionAnswer) {
  return answer.report({ model: "", settings: {}, tokensCached: 0, index: 0 });
}
