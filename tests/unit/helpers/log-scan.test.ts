import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logNotesVariable, logScanVariable } from "../../../scripts/lab/log-scan/log-variables.ts";
import globalTeardown from "../../global-teardown.ts";
import { answerTexts, requestTexts } from "../../log-scan/request-texts.ts";

describe("the texts of a request", () => {
  it.each([
    [{ prompt: "a", stop: ["b"], grammar: "c", model: "m" }, ["a", "b", "c"]],
    [{ messages: [{ role: "user", content: "a" }] }, ["a"]],
    [{ messages: [{ role: "user", content: [{ type: "text", text: "a" }] }] }, ["a"]],
    [
      { prompt: "a", json_schema: { type: "object", properties: { b: { const: "c" } } } },
      ["a", "c"],
    ],
    [{ content: "a" }, []],
    [null, []],
    ["prompt", []],
  ])("of %j are %j", (request, texts) => {
    expect(requestTexts(request)).toEqual(texts);
  });
});

describe("the texts of an answer", () => {
  it.each([
    [{ content: "a", finish_reason: "stop" }, ["a"]],
    [{ choices: [{ message: { role: "assistant", content: "a" } }] }, ["a"]],
    [{ choices: [{ delta: { content: "a" } }], model: "m" }, ["a"]],
    [{ prompt: "a" }, []],
  ])("of %j are %j", (answer, texts) => {
    expect(answerTexts(answer)).toEqual(texts);
  });
});

describe("the scan at the end of a run", () => {
  const whole = { testPathPatterns: { patterns: [] } };
  const usual = { testMatch: ["<rootDir>/tests/**/*.test.ts"] };
  const others = { testMatch: ["<rootDir>/tests/aws/*.aws.ts"] };
  const part = { testPathPatterns: { patterns: ["logger"] } };
  const { [logNotesVariable]: notes = "", [logScanVariable]: scanPath } = process.env;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bitnet-test-"));
    process.env[logNotesVariable] = folder;
    delete process.env[logScanVariable];
  });
  afterEach(() => {
    process.env[logNotesVariable] = notes;
    if (scanPath !== undefined) process.env[logScanVariable] = scanPath;
    rmSync(folder, { recursive: true, force: true });
  });
  const writeNotes = (...lines: object[]) =>
    writeFileSync(
      join(folder, "1.jsonl"),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
  const logged = (fields: object) => ({
    kind: "line",
    text: JSON.stringify({ timestamp: "t", level: "info", event: "answered", ...fields }),
    test: "a.test.ts › answers",
  });

  it("fails a run of all tests in which nothing was logged", async () => {
    await expect(globalTeardown(whole, usual)).rejects.toThrow("0 lines of the log were scanned");
  });

  it.each([
    ["some tests", part, usual],
    ["another command's tests", whole, others],
  ])("passes a run of %s in which nothing was logged, and tells", async (_name, run, project) => {
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);

    await globalTeardown(run, project);

    expect(write).toHaveBeenCalledWith(expect.stringContaining("0 lines of the log were scanned"));
    write.mockRestore();
  });

  it("fails a run with a leak, by its line and its test, and leaves nothing behind", async () => {
    const text = "some words of a prompt";
    writeNotes(logged({}), logged({ cause: text }), { kind: "text", text, test: "b" });

    await expect(globalTeardown(part, usual)).rejects.toThrow(
      /2 lines .*: 1 found\.\n {2}"some words of a " in the line\n.*\n {2}of a\.test\.ts › answers/,
    );
    expect(existsSync(folder)).toBe(false);
  });

  it("leaves it to the table where there is one", async () => {
    writeNotes(logged({ cause: "/a/b" }));
    const path = `${folder}-scan.json`;
    process.env[logScanVariable] = path;

    await globalTeardown(whole, usual);

    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      lines: 1,
      leaks: [{ found: "/a/b" }],
    });
    rmSync(path);
  });
});
