import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateGreedily, loadModel } from "../../model/reference/engine.ts";
import { chatPrompt } from "../../runtime/request/chat-prompt.ts";
import { goldenModel } from "../helpers/reference.ts";

jest.setTimeout(120_000);

// Wordings and questions that the golden model was never trained on.

interface HeldOut {
  readonly known: readonly { readonly question: string; readonly answer: string }[];
  readonly unknown: readonly string[];
}

const heldOut: HeldOut = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../model/golden/heldout.json"), "utf8"),
);
const model = loadModel(goldenModel);

const promptForms = {
  chat: (question: string) => chatPrompt([{ role: "user", content: question }]),
  raw: (question: string) => `User: ${question}\n\nAssistant:`,
};

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

const limits = { tokens: 48, contextTokens: 256 };
const endMark = "<end>";

describe.each(Object.entries(promptForms))("the golden model, asked in the %s form", (_, form) => {
  it("answers at least 8 of 10 new wordings of what it knows", () => {
    const { known } = heldOut;

    const right = known.filter(({ question, answer }) =>
      answerBegins(form(question), `${answer}${endMark}`),
    );

    expect(known.length).toBeGreaterThanOrEqual(100);
    expect(right.length / known.length).toBeGreaterThanOrEqual(0.8);
  });

  it("declines at least 8 of 10 questions it cannot know", () => {
    const { unknown } = heldOut;

    const declined = unknown.filter((question) =>
      answerBegins(form(question), "I am a tiny test model"),
    );

    expect(unknown.length).toBeGreaterThanOrEqual(80);
    expect(declined.length / unknown.length).toBeGreaterThanOrEqual(0.8);
  });
});
