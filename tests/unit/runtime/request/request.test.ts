import * as fc from "fast-check";
import { AppError, type Problem } from "../../../../runtime/errors.ts";
import { parseRequest, textBounds } from "../../../../runtime/request/request.ts";
import { samplingRows } from "../../../../runtime/request/sampling-parameters.ts";

const drawSeed = () => 7;

function problemsOf(input: unknown): readonly Problem[] {
  try {
    parseRequest(input, drawSeed);
  } catch (error) {
    if (error instanceof AppError) return error.details.problems ?? [];
    throw error;
  }
  return [];
}

describe("parseRequest", () => {
  const defaults = {
    n_predict: 128,
    temperature: 0.7,
    top_p: 0.9,
    top_k: 40,
    repeat_penalty: 1.1,
    frequency_penalty: 0,
    presence_penalty: 0,
    min_p: 0.05,
    seed: 7,
    stop: [],
    grammar: "",
  };
  const sent = {
    n_predict: 8,
    temperature: 0,
    top_p: 0.5,
    top_k: 0,
    repeat_penalty: 1,
    frequency_penalty: -0.5,
    presence_penalty: 1.5,
    min_p: 0,
    seed: 0,
    stop: ["User:", "\n\n"],
    grammar: 'root ::= "a"',
  };

  it.each([
    ["puts the documented defaults in force", {}, defaults],
    ["keeps every value that is sent", sent, sent],
  ])("%s", (_name, fields, settings) => {
    expect(parseRequest({ prompt: "Hi", ...fields }, drawSeed)).toEqual({ prompt: "Hi", settings });
  });

  const raw = "  <|eot_id|>\\n\u0000 é\n\n";

  it.each([
    [{ messages: [{ role: "user", content: "Hi" }] }, "User: Hi<|eot_id|>Assistant: "],
    [{ prompt: raw }, raw],
  ])(
    "renders messages in the model's template, and passes a raw prompt on: %j",
    (input, prompt) => {
      expect(parseRequest(input, drawSeed)).toMatchObject({ prompt });
    },
  );

  describe.each(samplingRows)("%s", (name, bounds) => {
    const { isInteger, minimum, isMinimumExclusive, maximum } = bounds;
    const step = isInteger ? 1 : 1e-9;
    const smallest = isMinimumExclusive ? minimum + step : minimum;

    it.each([smallest, smallest + step, maximum - step, maximum])("accepts %d", (value) => {
      const { settings } = parseRequest({ prompt: "Hi", [name]: value }, drawSeed);

      expect(settings).toHaveProperty(name, value);
    });

    it.each([
      ["what is too small", smallest - step, /./],
      ["what is far too small", smallest - 1, /./],
      ["what is too large", maximum + step, /./],
      ["what has no bounds", Number.POSITIVE_INFINITY, /./],
      ["a string", "1", /; got a string$/],
      ["NaN", Number.NaN, /; got NaN$/],
      ["null", null, /; got null$/],
      ["a boolean", true, /; got a boolean$/],
      ["an array", [1], /; got an array$/],
      ["an object", {}, /; got an object$/],
    ])("refuses %s and tells the bounds", (_name, value, message) => {
      const problems = problemsOf({ prompt: "Hi", [name]: value });

      expect(problems).toEqual([{ path: name, message: expect.stringMatching(message) }]);
      expect(problems[0]?.message).toContain(`${minimum} to ${maximum}; got `);
    });
  });

  it.each(["n_predict", "top_k", "seed"])("refuses a fraction as %s", (name) => {
    expect(problemsOf({ prompt: "Hi", [name]: 1.5 })).toEqual([
      { path: name, message: expect.stringContaining("must be a whole number") },
    ]);
  });

  it.each([
    ["temprature", "temperature"],
    ["Temperature", "temperature"],
    ["top-p", "top_p"],
    ["topK", "top_k"],
    ["repetition_penalty", "repeat_penalty"],
    ["max_tokens", "n_predict"],
    ["n_predicts", "n_predict"],
    ["stops", "stop"],
    ["message", "messages"],
  ])("tells for %s that %s was meant", (sent, meant) => {
    expect(problemsOf({ prompt: "Hi", [sent]: 1 })).toEqual([
      { path: sent, message: `is not a known field: did you mean \`${meant}\`?` },
    ]);
  });

  it("does not guess where nothing is near", () => {
    const [problem] = problemsOf({ prompt: "Hi", tools: [] });

    expect(problem).toEqual({ path: "tools", message: "is not a known field" });
  });

  it("lists every problem at once", () => {
    const input = {
      prompt: "Hi",
      messages: [{ role: "robot", content: 1, name: "x" }],
      temprature: 1,
      top_k: "40",
      stop: ["a", ""],
    };

    const paths = problemsOf(input).map(({ path }) => path);
    expect(paths.toSorted()).toEqual([
      "messages",
      "messages[0].content",
      "messages[0].name",
      "messages[0].role",
      "stop[1]",
      "temprature",
      "top_k",
    ]);
  });

  it.each([
    ["neither prompt nor messages", {}, "prompt", /is missing/],
    ["an empty prompt", { prompt: "" }, "prompt", /must not be empty/],
    ["no messages", { messages: [] }, "messages", /must not be empty/],
    ["a prompt that is no string", { prompt: 1 }, "prompt", /must be a string; got number 1/],
    ["a lone surrogate", { prompt: "a\ud83d" }, "prompt", /surrogate/],
    ["half a character to stop at", { prompt: "a", stop: ["\udc00"] }, "stop[0]", /surrogate/],
    ["five stop strings", { prompt: "a", stop: [..."abcde"] }, "stop", /at most 4 items/],
    ["a stop string too long", { prompt: "a", stop: ["x".repeat(257)] }, "stop[0]", /at most 256/],
    ["a string", "Hi", "request", /must be an object; got a string/],
    ["an array", [], "request", /must be an object; got an array/],
    ["null", null, "request", /must be an object; got null/],
  ])("refuses %s", (_name, input, path, message) => {
    expect(problemsOf(input)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it.each(["x", "é", "😀"])("bounds the prompt in bytes of UTF-8: %s", (character) => {
    const most = textBounds.promptBytes / Buffer.byteLength(character);
    const message = expect.stringContaining("at most 262144 bytes");

    expect(problemsOf({ prompt: character.repeat(most) })).toEqual([]);
    expect(problemsOf({ prompt: character.repeat(most + 1) })).toEqual([
      { path: "prompt", message },
    ]);
  });

  it("bounds messages together", () => {
    const half = { role: "user", content: "x".repeat(textBounds.promptBytes / 2) };
    const messages = [half, half, { role: "user", content: "x" }];
    const message = expect.stringContaining("at most 262144 bytes");

    expect(problemsOf({ messages: [half, half] })).toEqual([]);
    expect(problemsOf({ messages })).toEqual([{ path: "messages", message }]);
  });

  it("lists a hundred problems at most and counts the rest", () => {
    const input = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));

    expect(problemsOf({ prompt: "Hi", ...input })).toHaveLength(100);
    expect(() => parseRequest({ prompt: "Hi", ...input }, drawSeed)).toThrow(
      /and 900 more problems/,
    );
  });

  it("answers briefly, however long the names are that it does not know", () => {
    const name = `${"x".repeat(199)}😀${"y".repeat(1_000_000)}`;
    const schema = { properties: { [name]: { not: 1, oneOf: 1, if: 1 } } };

    for (const input of [
      { prompt: "Hi", [name]: 1 },
      { prompt: "Hi", json_schema: schema },
    ]) {
      const problems = problemsOf(input);

      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems).length).toBeLessThan(3000);
      for (const { path } of problems) expect(path.isWellFormed()).toBe(true);
    }
  });

  it("never quotes the text that was sent", () => {
    const secret = "do-not-repeat-me";
    const input = { prompt: [secret], messages: secret, stop: [secret.repeat(100)], top_p: secret };

    expect(JSON.stringify(problemsOf(input))).not.toContain(secret);
  });

  it("answers any JSON value with settings in bounds or with problems", () => {
    const almost = fc.record(
      {
        prompt: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
        messages: fc.jsonValue(),
        n_predict: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
        temperature: fc.oneof(fc.double(), fc.jsonValue()),
        stop: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        ["__proto__"]: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    void fc.assert(
      fc.property(fc.oneof(almost, fc.jsonValue()), (input) => {
        try {
          const { prompt, settings } = parseRequest(input, drawSeed);
          expect(prompt.isWellFormed()).toBe(true);
          for (const [name, bounds] of samplingRows) {
            const value = settings[name];
            expect(value).toBeGreaterThanOrEqual(bounds.minimum);
            expect(value).toBeLessThanOrEqual(bounds.maximum);
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.kind).toBe("request-invalid");
          expect(error.details.problems?.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a constraint", () => {
  const parse = (fields: object) => parseRequest({ prompt: "Hi", ...fields }, drawSeed);

  it("by JSON schema is in force as its grammar", () => {
    const { settings } = parse({ json_schema: { type: "boolean" } });

    expect(settings.grammar).toMatch(/^root ::= boolean\n/);
  });

  it.each([
    [{ grammar: "root ::= (" }, "grammar: line 1, column 11: expected `)`"],
    [{ grammar: "" }, "grammar: must not be empty"],
    [{ grammar: "x".repeat(32 * 1024 + 1) }, "grammar: must have at most 32768 characters"],
    [
      { grammar: 'root ::= "\u0000"' },
      "grammar: holds a NUL character, which no command line can carry; write `\\x00`",
    ],
    [{ json_schema: "x" }, "json_schema: must be an object; got a string"],
    [
      { json_schema: { not: {} } },
      "json_schema.not: is a keyword that cannot be enforced; leave it out",
    ],
    [
      { json_schema: { anyOf: [{ $ref: "#" }] } },
      "json_schema: cannot be enforced: its grammar is left-recursive at the rule `reference-1`",
    ],
    [
      { json_schema: {}, grammar: 'root ::= "a"' },
      "grammar: cannot be sent together with `json_schema`; send one of them",
    ],
    [
      { stream: true },
      "stream: is for HTTP, at POST /completion; a direct invocation answers at once",
    ],
  ])("%j is refused before the engine runs", (fields, message) => {
    expect(() => parse(fields)).toThrow(message);
  });
});
