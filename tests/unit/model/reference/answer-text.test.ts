import fc from "fast-check";
import { AnswerText } from "../../../../model/reference/answer-text.ts";

describe("AnswerText", () => {
  it("sends a beginning of the text, ending before a stop word, whatever the pieces", () => {
    const letters = fc.string({
      unit: fc.constantFrom("a", "b", "é", "😀"),
      minLength: 1,
      maxLength: 12,
    });
    const words = fc.array(
      fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 1, maxLength: 3 }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(letters, words, fc.integer({ min: 1, max: 3 }), (text, stops, size) => {
        const { sent, answer } = send(text, stops, size);
        const end = firstStop(text, stops, size);

        expect(text.startsWith(sent)).toBe(true);
        expect(answer.stoppingWord !== undefined).toBe(end !== undefined);
        if (end !== undefined) expect(sent).toBe(text.slice(0, end));
        for (const stop of stops) expect(sent).not.toContain(stop);
      }),
      // Overlapping stop words: the one that is complete first counts, though it begins later.
      { numRuns: 300, examples: [["béb", ["é", "béb"], 1]] },
    );
  });

  it.each([
    { name: "nothing is held back", pieces: ["ab", "c"], stops: ["x"], said: ["ab", "c"] },
    { name: "a stop word may begin", pieces: ["ab", "c"], stops: ["bd"], said: ["", "abc"] },
    { name: "a stop word comes", pieces: ["ab", "cd"], stops: ["bc"], said: ["", "a"] },
    {
      name: "the first of two stop words counts",
      pieces: ["abcd"],
      stops: ["cd", "bc"],
      said: ["a"],
    },
    { name: "an empty stop word stops at once", pieces: ["ab"], stops: [""], said: [""] },
  ])("says what llama-server says when $name", ({ pieces, stops, said }) => {
    const answer = new AnswerText(stops.map((stop) => Buffer.from(stop)));

    expect(pieces.map((piece) => answer.add(Buffer.from(piece))?.toString())).toEqual(said);
  });

  it("says nothing of a token that ends inside of a character", () => {
    const answer = new AnswerText([]);
    const said = [...Buffer.from("a😀")].map((byte) => answer.add(Buffer.of(byte))?.toString());

    expect(said).toEqual(["a", undefined, undefined, undefined, "😀"]);
  });

  it("misses a stop word in front of a character in pieces, as llama-server does", () => {
    const answer = new AnswerText([Buffer.from("a")]);
    const [first, second, ...rest] = Buffer.from("a😀");
    const said = [Buffer.from([first ?? 0, second ?? 0]), Buffer.from(rest)].map((piece) =>
      answer.add(piece)?.toString(),
    );

    expect(said).toEqual([undefined, "a😀"]);
    expect(answer.stoppingWord).toBeUndefined();
  });

  it("does not wait for what no character continues", () => {
    const answer = new AnswerText([]);

    expect(answer.add(Buffer.of(0x80))?.toString()).toBe("\ufffd");
  });
});

/** The slow way: where the first stop word begins in the shortest run of pieces that holds one. */
function firstStop(text: string, stops: readonly string[], size: number): number | undefined {
  const characters = [...text];
  for (let count = size; count < characters.length + size; count += size) {
    const soFar = characters.slice(0, count).join("");
    const starts = stops.map((stop) => soFar.indexOf(stop)).filter((index) => index >= 0);
    if (starts.length > 0) return Math.min(...starts);
  }
  return undefined;
}

/** Adds the text in pieces of so many characters, until it stops. */
function send(text: string, stops: readonly string[], size: number) {
  const answer = new AnswerText(stops.map((stop) => Buffer.from(stop)));
  const characters = [...text];
  const said: Buffer[] = [];
  while (characters.length > 0 && answer.stoppingWord === undefined) {
    said.push(answer.add(Buffer.from(characters.splice(0, size).join(""))) ?? Buffer.alloc(0));
  }
  return { sent: Buffer.concat(said).toString(), answer };
}
