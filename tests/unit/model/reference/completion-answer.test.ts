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
    ["the limit", 3, [letter, letter, letter], { stopped_limit: true, stopped_eos: false }],
    ["a limit of one", 1, [letter], { stopped_limit: true, stopped_eos: false }],
    ["a limit of nothing, as of one", 0, [letter], { stopped_limit: true, stopped_eos: false }],
    ["an end token", 9, [letter, end], { stopped_limit: false, stopped_eos: true }],
    ["an end token at the limit", 2, [letter, end], { stopped_limit: true, stopped_eos: true }],
    [
      "an end token only, without a limit",
      -1,
      [...new Array(1000).fill(letter), end],
      { stopped_limit: false, stopped_eos: true },
    ],
  ])("ends at %s", (_, predictTokens, tokens, ending) => {
    const answer = new CompletionAnswer(vocabulary, predictTokens);
    const ended = tokens.map((token) => {
      answer.take(token);
      return answer.hasEnded;
    });

    expect(ended.indexOf(true)).toBe(tokens.length - 1);
    expect(answer.end(counts)).toMatchObject(ending);
  });

  it("sends whole characters only, and all of the text, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 8 }), (text) => {
        const contents = sent(Buffer.from(text)).map((event) => event?.content ?? "");

        expect(contents.join("")).toBe(text);
        for (const content of contents) expect(content).not.toContain("\ufffd");
      }),
    );
  });

  it("says nothing of a token that ends inside a character", () => {
    expect(sent(Buffer.from("a😀"))).toEqual([
      { content: "a", stop: false },
      undefined,
      undefined,
      undefined,
      { content: "😀", stop: false },
    ]);
  });

  it("does not wait for what no character continues", () => {
    expect(sent(Buffer.of(0x80))).toEqual([{ content: "\ufffd", stop: false }]);
  });
});

/** The events of an answer of bytes. */
function sent(bytes: Uint8Array) {
  const answer = new CompletionAnswer(vocabulary, -1);
  return [...bytes].map((byte) => answer.take(byte) as { content: string } | undefined);
}
