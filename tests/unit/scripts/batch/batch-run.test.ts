import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BatchResult } from "../../../../runtime/batch/batch-result.ts";
import {
  type Answering,
  type BatchRun,
  runBatchFile,
} from "../../../../scripts/batch/batch-run.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const [input, out] = [join(folder, "in.jsonl"), join(folder, "out.jsonl")];
const partial = `${out}.partial`;
const lineOf = (custom_id: string, prompt = "Hi") =>
  `${JSON.stringify({ custom_id, method: "POST", url: "/completion", body: { prompt } })}\n`;
const three = lineOf("a") + lineOf("b") + lineOf("c");

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

function resultOf(custom_id: string, status_code = 200): BatchResult {
  const response = { status_code, request_id: custom_id, body: { text: `of ${custom_id}` } };
  return { id: `batch_req_${custom_id}`, custom_id, response, error: null };
}

/** Answers, the last line first, until one is reached that ends the run; `failed` are errors. */
function answering(asked: string[], endsAt?: string, failed?: string): Answering {
  return async (items, onResult) => {
    for (const { custom_id } of items.toReversed()) {
      if (custom_id === endsAt) throw new Error("killed");
      asked.push(custom_id);
      onResult(resultOf(custom_id, custom_id === failed ? 500 : 200));
    }
  };
}

/** Runs a file, or goes on with it. */
async function run(text: string, how: Answering, more: Partial<BatchRun> = {}) {
  writeFileSync(input, text);
  const context = { modelName: "golden", systemPrompt: undefined };
  const signal = new AbortController().signal;
  return runBatchFile({ input, out, skipsInvalid: false, context, signal, ...more }, how);
}

const idsIn = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).custom_id);

describe("a batch of a file", () => {
  it("has answers and errors in files of their own, in the order of the lines", async () => {
    await run(three, answering([], undefined, "b"));

    expect(idsIn(out)).toEqual(["a", "c"]);
    expect(idsIn(`${out}.errors`)).toEqual(["b"]);
    expect(readdirSync(folder).sort()).toEqual(["in.jsonl", "out.jsonl", "out.jsonl.errors"]);
  });

  it("goes on where it was, and asks no line twice", async () => {
    const [first, second]: [string[], string[]] = [[], []];
    await expect(run(three, answering(first, "b"))).rejects.toThrow("killed");

    const { resumed } = await run(three, answering(second));

    expect([first, second, resumed]).toEqual([["c"], ["b", "a"], 1]);
    expect(idsIn(out)).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["half a result", (journal: string) => journal.slice(0, -5), ["c", "b", "a"]],
    ["half a head", () => '{"input_sh', ["c", "b", "a"]],
    ["an empty journal", () => "", ["c", "b", "a"]],
    ["a whole result", (journal: string) => journal, ["b", "a"]],
  ])("goes on behind %s", async (_name, tear, left) => {
    await expect(run(three, answering([], "b"))).rejects.toThrow("killed");
    writeFileSync(partial, tear(readFileSync(partial, "utf8")));
    const asked: string[] = [];

    await run(three, answering(asked));

    expect(asked).toEqual(left);
    expect(idsIn(out)).toEqual(["a", "b", "c"]);
  });

  it("writes its output again when it was killed before the journal was removed", async () => {
    await expect(run(three, answering([], "a"))).rejects.toThrow("killed");
    writeFileSync(out, "of the run that was killed\n");

    await run(three, answering([]));

    expect(idsIn(out)).toEqual(["a", "b", "c"]);
    expect(existsSync(partial)).toBe(false);
  });

  it("makes errors of bad lines with SKIP_INVALID; those without a name of their own have none", async () => {
    const text = `${lineOf("a")}{nope\n${lineOf("line-2")}${lineOf("a")}${lineOf("d", "")}`;

    await run(text, answering([]), { skipsInvalid: true });

    expect(idsIn(out)).toEqual(["a", "line-2"]);
    expect(idsIn(`${out}.errors`)).toEqual([null, null, "d"]);
  });
});

describe("a batch of a file is refused", () => {
  const nothing: Answering = async () => {
    throw new Error("asked");
  };

  it.each([
    [
      "bad lines",
      () => {},
      `${lineOf("a")}{nope\n`,
      /nothing was asked:\n +line 2: is not valid JSON/,
    ],
    ["no lines", () => {}, "\n\n", /has no lines/],
    ["an output that is there", () => writeFileSync(out, ""), three, /out.jsonl exists already/],
    [
      "errors that are there",
      () => writeFileSync(`${out}.errors`, ""),
      three,
      /out.jsonl.errors exists already/,
    ],
    [
      "the journal of another input",
      () => writeFileSync(partial, '{"input_sha256":"other"}\n'),
      three,
      /answers to another input/,
    ],
    ["a journal that is none", () => writeFileSync(partial, "notes\n"), three, /another input/],
  ])("for %s", async (_name, prepare, text, message) => {
    prepare();

    await expect(run(text, nothing)).rejects.toThrow(message);
  });

  it("for a file or folder that is not there", async () => {
    const missing = join(folder, "missing");

    await expect(run(three, nothing, { input: missing })).rejects.toThrow("cannot be read");
    await expect(run(three, nothing, { out: join(missing, "out") })).rejects.toThrow(
      "cannot be written",
    );
  });

  it("while another run is at work on it, and not for the lock of one that is gone", async () => {
    const other = spawn(process.execPath, [
      "-e",
      "setInterval(() => {}, 1000)",
      "scripts/batch.ts",
    ]);
    writeFileSync(`${out}.lock`, String(other.pid));

    await expect(run(three, nothing)).rejects.toThrow(`Process ${other.pid} is at work on`);
    other.kill("SIGKILL");
    await once(other, "exit");
    await run(three, answering([]));

    expect(idsIn(out)).toEqual(["a", "b", "c"]);
    expect(existsSync(`${out}.lock`)).toBe(false);
  });

  it("after Ctrl-C, and keeps what is there", async () => {
    const stopping = new AbortController();
    const how: Answering = async (_items, onResult) => {
      onResult(resultOf("a"));
      stopping.abort();
    };

    await expect(run(three, how, { signal: stopping.signal })).rejects.toThrow();

    expect(idsIn(partial)).toEqual([undefined, "a"]);
    expect(existsSync(out)).toBe(false);
  });
});
