import { languageProblems } from "../../../../scripts/remote/language.ts";

describe("languageProblems", () => {
  it.each([
    ["a sentence", "The capital of France is Paris, and it is old."],
    ["code", "def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)"],
    ["one word", "Paris"],
    ["another script", "Die Hauptstadt heißt 東京."],
  ])("has nothing against %s", (_name, text) => {
    expect(languageProblems(text)).toEqual([]);
  });

  it.each([
    ["nothing", " \n", "no text"],
    ["control characters", "abc\u0001\u0002\u0003 def", "odd characters"],
    ["broken characters", `${"\ufffd\ue000".repeat(20)}`, "odd characters"],
    ["digits", "1234 5678 9012 3456", "hardly any letters"],
    ["one word over and over", "the ".repeat(40), "the same words over and over"],
  ])("finds %s", (_name, text, problem) => {
    expect(languageProblems(text)).toContain(problem);
  });
});
