import fc from "fast-check";
import { CompletionAnswer } from "../../../../model/reference/completion-answer.ts";
import { loadModel } from "../../../../model/reference/engine.ts";
import { randomModel } from "./run-llama-cli.ts";

// Tokens 0 to 255 of this model are bytes.
const { vocabulary } = loadModel(randomModel);
const letter = 0x61;
const end = 1020;
const counts = { promptTokens: 5, freshTokens: 5, promptMs: 0, predictedMs: 0 };

describe("CompletionAnswer", () => {
  it.each([
    { predictTokens: 3, taken: 3 },
    { predictTokens: 1, taken: 1 },
    { predictTokens: 0, taken: 1 },
  ])("ends after $taken tokens when asked for $predictTokens", ({ predictTokens, taken }) => {
    const answer = answerOf(predictTokens);
    let count = 0;
    for (; !answer.hasEnded; count++) answer.take(letter);

    expect(count).toBe(taken);
    expect(answer.end(counts)).toMatchObject({ stopped_limit: true, stopped_eos: false });
  });

  it("ends at an end token only, when asked for -1", () => {
    const answer = answerOf(-1);
    for (let count = 0; count < 1000; count++) answer.take(letter);

    expect(answer.hasEnded).toBe(false);
    answer.take(end);
    expect(answer.end(counts)).toMatchObject({ stopped_limit: false, stopped_eos: true });
  });

  it("reports an end token in last place as end and as limit, as llama-server does", () => {
    const answer = answerOf(2);
    for (const token of [letter, end]) answer.take(token);

    expect(answer.end(counts)).toMatchObject({ stopped_limit: true, stopped_eos: true });
  });

  it("sends whole characters only, and all of the text, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 8 }), (text) => {
        const events = send(Buffer.from(text));

        expect(events.join("")).toBe(text);
        for (const event of events) expect(event).not.toContain("\ufffd");
      }),
    );
  });

  it("says nothing of a token that ends inside a character", () => {
    const answer = answerOf(-1);

    expect([...Buffer.from("a😀")].map((byte) => answer.take(byte))).toEqual([
      { content: "a", stop: false },
      undefined,
      undefined,
      undefined,
      { content: "😀", stop: false },
    ]);
  });

  it("does not wait for what no character continues", () => {
    expect(answerOf(-1).take(0x80)).toEqual({ content: "\ufffd", stop: false });
  });
});

function answerOf(predictTokens: number): CompletionAnswer {
  return new CompletionAnswer(vocabulary, predictTokens);
}

/** The texts that are sent of an answer of bytes. */
function send(bytes: Uint8Array): string[] {
  const answer = answerOf(-1);
  return [...bytes].flatMap((byte) => {
    const event = answer.take(byte);
    return event && "content" in event ? [String(event.content)] : [];
  });
}
