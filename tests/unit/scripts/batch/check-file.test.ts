import { checkFile, fileProblems } from "../../../../scripts/batch/check-file.ts";

const context = { modelName: "golden", systemPrompt: undefined };
const good = { custom_id: "a", method: "POST", url: "/completion", body: { prompt: "Hi" } };
const chat = { messages: [{ role: "user", content: "Hi" }] };

function problemsOf(...lines: (object | string | null)[]): string {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  return fileProblems(checkFile(text.join("\n"), context).badLines);
}

describe("a file of prompts", () => {
  it("is read with any line ends, blank lines and a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify(good)}\r\n\r\n${JSON.stringify({ ...good, custom_id: "b" })}`;

    const { items, badLines } = checkFile(text, context);

    expect(badLines).toEqual([]);
    expect(items.map(({ line, custom_id }) => [line, custom_id])).toEqual([
      [1, "a"],
      [3, "b"],
    ]);
  });

  it("tells what each item may cost", () => {
    const choices = { ...chat, max_tokens: 10, n: 3 };
    const line = JSON.stringify({ ...good, url: "/v1/chat/completions", body: choices });

    const [item] = checkFile(line, context).items;

    expect(item?.request).toMatchObject({
      prompt: "User: Hi<|eot_id|>Assistant: ",
      answerTokens: 30,
    });
  });

  it.each([
    ["no JSON", "{nope", "line 1: is not valid JSON (at character 1)"],
    ["null", null, "line 1: must be an object; got null"],
    ["a list", [], "line 1: must be an object; got an array"],
    ["no name", { ...good, custom_id: undefined }, "line 1: custom_id: is missing"],
    ["an empty name", { ...good, custom_id: "" }, "line 1: custom_id: must not be empty"],
    [
      "a misspelt field",
      { ...good, metod: "POST" },
      "metod: is not a known field: did you mean `method`?",
    ],
    ["another method", { ...good, method: "GET" }, 'method: must be one of "POST"'],
    ["another route", { ...good, url: "/v1/embeddings" }, "url: must be one of"],
    ["no body", { ...good, body: null }, "line 1: body: must be an object; got null"],
    [
      "a misspelt field in it",
      { ...good, body: { promt: "Hi" } },
      "body.promt: is not a known field: did you mean `prompt`?",
    ],
    ["a stream", { ...good, body: { prompt: "Hi", stream: true } }, "body.stream: has no meaning"],
    [
      "another model",
      { ...good, url: "/v1/chat/completions", body: { ...chat, model: "gpt" } },
      "body.model: must be `golden`",
    ],
  ])("is refused for %s", (_name, line, message) => {
    expect(problemsOf(line)).toContain(message);
  });

  it("is refused for a name that is used before, by a bad line too", () => {
    const problems = problemsOf({ ...good, url: "/" }, good, { ...good, custom_id: "b" });

    expect(problems).toMatch(/line 1: url: .*\n +line 2: custom_id: is that of line 1 already/);
  });

  it("is refused for what is no UTF-8, with the line", () => {
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(good)}\n"`), Buffer.from([0xff])]);

    expect(fileProblems(checkFile(bytes, context).badLines)).toContain("line 2: is not UTF-8");
  });

  it("has its first 20 problems listed and the others counted", () => {
    const lines = problemsOf(...Array.from({ length: 25 }, () => "{")).split("\n");

    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe("  … and 5 more problems");
  });
});
