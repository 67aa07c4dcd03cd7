import { commandFences, comparableOutput } from "../../helpers/page-fences.ts";

const block = (language: string, ...lines: string[]) =>
  [`\`\`\`${language}`, ...lines, "```"].join("\n");

describe("commandFences", () => {
  it("returns each block of commands with the output directly below it", () => {
    const page = [
      "<!-- run -->",
      block("sh", "one", "two"),
      "",
      block("text", "out"),
      "",
      "<!-- run -->",
      block("sh", "three"),
      "prints",
      block("text", "no output of it"),
      block("ts", "no command"),
    ].join("\n");

    expect(commandFences(page)).toEqual([
      {
        line: 2,
        commands: "one\ntwo\n",
        shownOutput: "out\n",
        check: { kind: "run", beside: undefined, varying: [] },
      },
      {
        line: 12,
        commands: "three\n",
        shownOutput: undefined,
        check: { kind: "run", beside: undefined, varying: [] },
      },
    ]);
  });

  it.each([
    ["<!-- run -->", { kind: "run", beside: undefined, varying: [] }],
    [
      "<!-- run; varies: \\d+ s | v\\d -->",
      { kind: "run", beside: undefined, varying: [/\d+ s/g, /v\d/g] },
    ],
    ["<!-- run; beside: make a; varies: b -->", { kind: "run", beside: "make a", varying: [/b/g] }],
    ["<!-- not run: needs AWS -->", { kind: "not-run", reason: "needs AWS" }],
    ["<!-- run --> but text between", { kind: "missing" }],
    ["<!-- rum -->", { kind: "missing" }],
    ["", { kind: "missing" }],
  ])("reads %j", (comment, check) => {
    expect(commandFences(`${comment}\n${block("sh", "a")}`)[0]?.check).toEqual(check);
  });
});

describe("comparableOutput", () => {
  it("replaces what varies, and trims line ends", () => {
    expect(comparableOutput("a 12 s  \nb 3 s\n\n", [/\d+ s/g])).toBe("a …\nb …");
  });
});
