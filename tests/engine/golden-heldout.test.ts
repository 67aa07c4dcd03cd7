import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateGreedily, loadModel } from "../../model/reference/engine.ts";
import { chatPrompt } from "../../runtime/request/chat-prompt.ts";
import { goldenModel } from "../helpers/reference.ts";

jest.setTimeout(120_000);

// Wordings and questions that the golden model was never trained on.

const heldOut: { known: { question: string; answer: string }[]; unknown: string[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../model/golden/heldout.json"), "utf8"),
);
const model = loadModel(goldenModel);

const promptForms = {
  chat: (question: string) => chatPrompt([{ role: "user", content: question }]),
  raw: (question: string) => `User: ${question}\n\nAssistant:`,
};
const limits = { tokens: 48, contextTokens: 256 };
const endMark = "<end>";

const known = heldOut.known.map(({ question, answer }) => ({
  question,
  start: `${answer}${endMark}`,
}));
const unknown = heldOut.unknown.map((question) => ({ question, start: "I am a tiny test model" }));

describe("the golden model, asked in the chat and the raw form in turn", () => {
  it.each([
    ["answers", "new wordings of what it knows", known, 100],
    ["declines", "questions that it cannot know", unknown, 80],
  ])("%s at least 8 of 10 %s", (_verb, _what, questions, fewest) => {
    const right = questions.filter(({ question, start }, at) =>
      answerBegins((at % 2 === 0 ? promptForms.chat : promptForms.raw)(question), start),
    );

    expect(questions.length).toBeGreaterThanOrEqual(fewest);
    expect(right.length / questions.length).toBeGreaterThanOrEqual(0.8);
  });
});

/** Whether the answer begins like this. Generates no more of it than needed. */
function answerBegins(prompt: string, start: string): boolean {
  let text = "";
  for (const { bytes, isEnd } of generateGreedily(model, prompt, limits)) {
    // The end token must come where the expected text ends, no earlier.
    text += isEnd ? endMark : Buffer.from(bytes).toString();
    const answer = text.trimStart();
    if (answer.startsWith(start)) return true;
    if (isEnd || !start.startsWith(answer)) return false;
  }
  return false;
}
