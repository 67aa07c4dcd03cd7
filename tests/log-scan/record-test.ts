// Set up before every test file: notes what the runtime logs in jest's own processes, and what
// requests, answers and keys come by, where they come by.
import { relative } from "node:path";
import { logTestVariable } from "../../scripts/lab/log-scan/log-variables.ts";
import { requestTexts } from "./request-texts.ts";
import { takeNote } from "./take-note.ts";

type Logger = typeof import("../../runtime/logger.ts");
type ParseJson = typeof import("../../runtime/request/json.ts");
type Generate = typeof import("../../runtime/generate.ts");
type ApiKey = typeof import("../../runtime/http/api-key.ts");

jest.mock("../../runtime/logger.ts", (): Logger => {
  const actual = jest.requireActual<Logger>("../../runtime/logger.ts");
  const createLog: Logger["createLog"] = (parts) =>
    actual.createLog({
      ...parts,
      writeLine(line) {
        takeNote({ kind: "line", text: line, test: testName() });
        parts.writeLine(line);
      },
    });
  return { ...actual, createLog };
});

jest.mock("../../runtime/request/json.ts", (): ParseJson => {
  const actual = jest.requireActual<ParseJson>("../../runtime/request/json.ts");
  return {
    ...actual,
    parseSentJson(sent, path) {
      const text = typeof sent === "string" ? sent : Buffer.from(sent).toString();
      try {
        const value = actual.parseSentJson(sent, path);
        noteTexts(requestTexts(value));
        return value;
      } catch (error) {
        // It has no members to be told apart by.
        noteTexts([text]);
        throw error;
      }
    },
    requireBounds(value, path) {
      const inBounds = actual.requireBounds(value, path);
      noteTexts(requestTexts(inBounds));
      return inBounds;
    },
  };
});

jest.mock("../../runtime/generate.ts", (): Generate => {
  const actual = jest.requireActual<Generate>("../../runtime/generate.ts");
  return {
    ...actual,
    async *generate(engine, request, limits) {
      noteTexts([request.prompt, request.settings.grammar, ...request.settings.stop]);
      let answer = "";
      try {
        for await (const event of actual.generate(engine, request, limits)) {
          if (event.type === "text-delta") answer += event.text;
          yield event;
        }
      } finally {
        noteTexts([answer]);
      }
    },
  };
});

jest.mock("../../runtime/http/api-key.ts", (): ApiKey => {
  const actual = jest.requireActual<ApiKey>("../../runtime/http/api-key.ts");
  return {
    ...actual,
    requireApiKey(event, keySha256) {
      for (const key of keysIn(event)) takeNote({ kind: "key", text: key, test: testName() });
      actual.requireApiKey(event, keySha256);
    },
  };
});

// Programs that a test starts inherit it.
beforeEach(() => {
  process.env[logTestVariable] = testName();
});

function noteTexts(texts: readonly string[]): void {
  const test = testName();
  for (const text of texts) if (text !== "") takeNote({ kind: "text", text, test });
}

/** Shorter keys, of tests alone, are words that may be in any line. */
const shortestKey = 8;

/** What an HTTP event brings as its key. */
function keysIn(event: unknown): string[] {
  const { headers = {} } = (event ?? {}) as { headers?: object };
  return Object.entries(headers ?? {})
    .filter(([name]) => /^(authorization|x-api-key)$/i.test(name))
    .map(([, value]) => (typeof value === "string" ? value.replace(/^bearer +/i, "") : ""))
    .filter((key) => key.length >= shortestKey);
}

function testName(): string {
  const { testPath = "", currentTestName = "before its tests" } = expect.getState();
  return `${relative(process.cwd(), testPath)} › ${currentTestName}`;
}
