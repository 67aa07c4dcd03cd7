import * as fc from "fast-check";
import {
  LlamaCliStatisticsReader,
  LlamaCliText,
} from "../../../../../runtime/engine/llama-cli/output.ts";
import { transcript, transcripts } from "../../../../helpers/recorded.ts";

/** Bytes cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border));
}

function readText(chunks: readonly Uint8Array[], isComplete = true) {
  const output = new LlamaCliText();
  const shown = chunks.map((chunk) => output.push(chunk)).join("");
  const end = output.end(isComplete);
  return { text: shown + end.text, isEndOfText: end.isEndOfText };
}

/** Bytes without half a character at their end, by llama-server's own rule. */
function withoutHalfCharacter(bytes: Uint8Array): Uint8Array {
  const lead = [1, 2, 3].find((back) => ((bytes.at(-back) ?? 0) & 0xc0) !== 0x80) ?? 0;
  const byte = bytes.at(-lead) ?? 0;
  const length = [0xc0, 0xe0, 0xf0, 0xf8].filter((least) => byte >= least).length + 1;
  return lead > 0 && length < 5 && length > lead ? bytes.subarray(0, -lead) : bytes;
}

const places = fc.array(fc.nat(5000), { maxLength: 20 });

describe("LlamaCliText", () => {
  const answered = transcripts.filter(({ stdout, exit }) => exit === 0 && stdout);

  it.each(answered.map((run) => [run.case, run] as const))(
    "reads the recorded run: %s",
    (_, run) => {
      const bytes = Buffer.from(run.stdout_base64 ?? "", "base64");
      const marked = run.stdout?.endsWith(" [end of text]\n\n\n") ?? false;
      const ending = marked ? " [end of text]\n\n\n" : "\n\n";

      const answer = withoutHalfCharacter(bytes.subarray(0, -ending.length));
      const expected = { text: Buffer.from(answer).toString(), isEndOfText: marked };

      expect(readText([bytes])).toEqual(expected);
      void fc.assert(
        fc.property(places, (where) => {
          expect(readText(cut(bytes, where))).toEqual(expected);
        }),
        { numRuns: 50 },
      );
    },
  );

  it("decodes any bytes, however they are cut, as if they had come at once, but half a character at the end", () => {
    void fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), places, (bytes, where) => {
        const whole = Buffer.concat([bytes, Buffer.from("\n\n")]);
        const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

        expect(readText(cut(whole, where)).text).toBe(decoder.decode(withoutHalfCharacter(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["two newlines of the model's own", "a\n\n\n\n", "a\n\n", false],
    ["the mark in the middle", "a [end of text]\nb\n\n", "a [end of text]\nb", false],
    ["the mark twice", "a [end of text]\n [end of text]\n\n\n", "a [end of text]\n", true],
    ["nothing but the mark", " [end of text]\n\n\n", "", true],
    ["a beginning of the mark", "a [end of\n\n", "a [end of", false],
    ["half a character before the mark", "a\xe2\x82 [end of text]\n\n\n", "a", true],
  ])("removes the ending at the very end only: %s", (_name, stdout, text, isEndOfText) => {
    const bytes = Buffer.from(stdout, "latin1");
    expect(readText([bytes])).toEqual({ text, isEndOfText });
    expect(readText(cut(bytes, [...bytes.keys()]))).toEqual({ text, isEndOfText });
  });

  it.each([
    ["keeps newlines", "one\n\n", { text: "one\n\n", isEndOfText: false }],
    ["knows the model's own end", "one [end of text]\n\n\n", { text: "one", isEndOfText: true }],
  ])("%s of an engine that was stopped half-way", (_name, stdout, expected) => {
    expect(readText([Buffer.from(stdout)], false)).toEqual(expected);
  });

  it.each([
    ["one\n\n", true],
    [" [end of text]\n\n\n", true],
    ["one\n", false],
    ["one [end of text]\n", false],
    ["", false],
  ])("tells whether the engine closed its answer: %j", (stdout, isClosed) => {
    const output = new LlamaCliText();
    output.push(Buffer.from(stdout));

    expect(output.end(true).isClosed).toBe(isClosed);
  });

  it("shows text as soon as it cannot be the ending", () => {
    const output = new LlamaCliText();

    const shown = ["one", " [end", "ing\n", "\n", "two"].map((piece) =>
      output.push(Buffer.from(piece)),
    );

    expect(shown).toEqual(["one", "", " [ending", "", "\n\ntwo"]);
  });
});

describe("LlamaCliStatisticsReader", () => {
  function read(stderr: string, where: readonly number[] = []) {
    const reader = new LlamaCliStatisticsReader();
    for (const chunk of cut(Buffer.from(stderr), where)) reader.push(chunk);
    return reader.end();
  }
  const kept = (stderr: string, promptTokens: number) =>
    stderr.replace(/n_keep = \d+/, `n_keep = ${promptTokens}`);

  it.each([
    // The recorded runs were made without --keep -1, so the line is as that flag makes it.
    ["limit reached", 11, 8],
    ["stopped at end of text", 11, 1],
    ["grammar", 11, 3],
    ["empty prompt", 1, 4],
    ["prompt cache written", 16, 1],
    ["prompt cache read, longer prompt", 21, 4],
    ["no context shift", 11, 53],
  ])("counts tokens of the recorded run: %s", (name, promptTokens, predictedTokens) => {
    const { stderr } = transcript(name);

    expect(read(kept(stderr, promptTokens))).toMatchObject({ promptTokens, predictedTokens });
  });

  const limited = transcript("limit reached").stderr;

  it("reads times and rates as printed, and no rate where the engine printed inf", () => {
    const { stderr } = transcript("stopped at end of text");

    expect(read(limited)).toMatchObject({
      loadMs: 6.29,
      promptMs: 0.36,
      predictedMs: 0.51,
      promptTokensPerSecond: 30386.74,
      predictedTokensPerSecond: 13806.71,
    });
    expect(read(stderr)).toMatchObject({ predictedMs: 0, predictedTokensPerSecond: null });
  });

  it("knows the prompt's length of an engine that was stopped half-way", () => {
    const stderr = kept(limited, 11).split("llama_perf")[0] ?? "";

    expect(read(stderr)).toMatchObject({ promptTokens: 11, predictedTokens: null, loadMs: null });
  });

  it("reads the same however the bytes are cut", () => {
    const expected = read(limited);
    void fc.assert(
      fc.property(places, (where) => {
        expect(read(limited, where)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("knows nothing of an engine that said nothing", () => {
    expect(new Set(Object.values(read("")))).toEqual(new Set([null]));
  });
});
