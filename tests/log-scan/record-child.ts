// Loaded before everything else into every Node.js process that a test run starts, bundles too
// (`NODE_OPTIONS`): notes the lines that the process logs, and the requests, answers and keys that
// it sees. A line, a request and an answer are known by their shape as JSON.
import { logTestVariable } from "../../scripts/lab/log-scan/log-variables.ts";
import { answerTexts, requestTexts } from "./request-texts.ts";
import { takeNote } from "./take-note.ts";

const test = process.env[logTestVariable] ?? "a test that gives its programs no variables";

/** Variables that hold what nobody shall read; AWS's own examples are public. */
const secretVariable = /PROMPT$|SECRET|TOKEN$|PASSWORD|API_KEY$/;

// Jest's own processes have the setup of every test file instead.
if (!process.argv[1]?.includes("jest-worker")) record();

function record(): void {
  for (const [name, value = ""] of Object.entries(process.env)) {
    if (secretVariable.test(name) && value !== "") takeNote({ kind: "text", text: value, test });
  }
  const { parse, stringify } = JSON;
  JSON.parse = (text, reviver) => {
    const value = parse(text, reviver);
    for (const sent of requestTexts(value)) takeNote({ kind: "text", text: sent, test });
    return value;
  };
  JSON.stringify = (value: unknown, ...rest: unknown[]) => {
    const text = (stringify as (...all: unknown[]) => string)(value, ...rest);
    if (isLogLine(value)) takeNote({ kind: "line", text, test });
    for (const said of [...requestTexts(value), ...answerTexts(value)]) {
      takeNote({ kind: "text", text: said, test });
    }
    return text;
  };
}

/** What `runtime/logger.ts` writes, and nothing else in the program. */
function isLogLine(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["timestamp", "level", "event"].every((name) => name in value);
}
