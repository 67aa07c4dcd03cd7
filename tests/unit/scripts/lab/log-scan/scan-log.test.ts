import type { LogNote } from "../../../../../scripts/lab/log-scan/log-note.ts";
import { scanLog, scanText } from "../../../../../scripts/lab/log-scan/scan-log.ts";

const line = (fields: object): LogNote => ({
  kind: "line",
  text: JSON.stringify({ timestamp: "t", level: "error", event: "failed", ...fields }),
  test: "a.test.ts › does something",
});
const text = (words: string): LogNote => ({ kind: "text", text: words, test: "b" });
const key = (words: string): LogNote => ({ kind: "key", text: words, test: "b" });
const found = (...notes: LogNote[]) => scanLog(notes, ["/srv/x"]).leaks.map((leak) => leak.found);

describe("a scan of the log", () => {
  it.each([
    ["a whole text", text("What is the capital of France?"), "x: What is the capital of France?"],
    ["a part of a text", text("What is the capital of France?"), "…the capital of Fra…"],
    [
      "a text that JSON writes otherwise",
      text('"a"\n\\b\t"c" and so on'),
      '"a"\n\\b\t"c" and so on',
    ],
    ["a short text as a word", text("Hi there"), "said 'Hi there'"],
    ["a key as a word", key("k-12"), "key k-12, refused"],
  ])("finds %s", (_name, note, message) => {
    expect(found(note, line({ message }))).toHaveLength(1);
    expect(found(note, line({ stderr_tail: `a\n${message}` }))).toHaveLength(1);
  });

  it.each([
    ["a text that is too short", text("Hi"), "said Hi"],
    ["a short text inside a word", text("deadline"), "deadlines, undeadline"],
    ["blanks and rules", text(`${"-".repeat(40)}${" ".repeat(40)}`), "-".repeat(40)],
    ["a key inside a word", key("k-12"), "k-123"],
    ["another text", text("What is the capital of France?"), "What is the matter"],
  ])("passes over %s", (_name, note, message) => {
    expect(found(note, line({ message }))).toEqual([]);
  });

  it.each([
    ["spawn /opt/bin/x ENOENT", "/opt/bin/x"],
    ["open '/tmp/a'", "/tmp/a"],
    ["(/a/b.ts:3:5)", "/a/b.ts:3:5)"],
    ["x/srv/x/model", "/srv/x"],
  ])("finds an absolute path: %s", (message, path) => {
    expect(found(line({ message }))).toEqual([path]);
  });

  it.each([
    "there are GET /health, POST /v1/chat/completions, GET /v1/models/:model",
    "spawn …/llama-cli ENOENT",
    "12 / 5 tokens/s",
    "http://127.0.0.1:9000/v1/models",
  ])("finds no path in %s", (message) => {
    expect(found(line({ message }))).toEqual([]);
  });

  it("looks into every field, but not at ids, times and the test", () => {
    const note = text("some words of a prompt");

    expect(found(note, line({ cause: note.text }))).toHaveLength(1);
    expect(found(note, line({ request_id: note.text, timestamp: note.text }))).toEqual([]);
  });

  it("counts the lines, and each text once", () => {
    const notes = [line({}), line({}), line({ a: 1 }), text("a"), text("a"), key("b")];

    expect(scanLog(notes, [])).toEqual({ lines: 3, texts: 2, leaks: [] });
  });

  it("finds one leak of a line, whatever else it holds, and of lines with the same words", () => {
    const message = "open /a/b for some words of a prompt";
    const notes = [
      line({ message, status: 1 }),
      line({ message, status: 2 }),
      line({ message: "/a/b" }),
    ];

    expect(found(text("some words of a prompt"), ...notes)).toEqual(["some words of a ", "/a/b"]);
  });

  it("tells line and test", () => {
    const told = scanText(scanLog([line({ cause: "open /a/b" })], []));

    expect(told).toContain("1 lines of the log were scanned");
    expect(told).toContain('"/a/b" in the line');
    expect(told).toContain('"cause":"open /a/b"');
    expect(told).toContain("of a.test.ts › does something");
  });
});
