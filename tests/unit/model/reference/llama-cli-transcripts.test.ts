import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordedFolder, type Transcript, transcripts } from "../../../helpers/recorded.ts";
import { runLlamaCliForTest } from "./run-llama-cli.ts";

// What the real llama-cli (BitNet 01eb415) wrote, byte for byte: its runs are repeated here.

const model = join(recordedFolder, "random-tiny.gguf");

/** Runs that need a signal. Those with a prompt cache build on one another. */
const LEFT_OUT = /signal/;

/** Arguments of the one run whose record has only the last two. */
const STANDARD_INPUT_ARGS = "-t 1 -c 256 --temp 0 --seed 1 -n 8 --no-display-prompt --no-escape";

const PROMPT_FILE = "two newlines follow\n\n";

/** Lines that tell what was run and with what result, but for timings and the program's name. */
const TELLING_LINE =
  /^(gguf_init|llama_model_load:|llama_load_model|llama_state_load|common_init_from_params: failed|main: (prompt|number|error|attempting|session|loaded|failed)|parse: |Read |error|sampler|generate:|\t| +\d+ -> )/;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "transcripts-"));
  writeFileSync(join(folder, "prompt.txt"), PROMPT_FILE);
  writeFileSync(join(folder, "corrupt.gguf"), readFileSync(model).subarray(0, 200_000));
  writeFileSync(join(folder, "not-a-model.gguf"), "hello".repeat(100));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the reference engine's command line", () => {
  const repeated = transcripts.filter((transcript) => !LEFT_OUT.test(transcript.case));

  it("has transcripts to repeat", () => {
    expect(repeated).toHaveLength(37);
  });

  it.each(repeated)("does what llama-cli did: $case", async (transcript) => {
    const run = await runLlamaCliForTest(argumentsOf(transcript), {
      files: { "/dev/stdin": PROMPT_FILE },
    });

    expect(run.stdout.toString("base64")).toBe(transcript.stdout_base64);
    expect(run.exitCode).toBe(transcript.exit);
    expect(tellingLines(withoutFolder(run.stderr))).toEqual(tellingLines(transcript.stderr ?? ""));
    expect(counts(run.stderr)).toEqual(counts(transcript.stderr ?? ""));
  });

  it("stops at an interrupt as llama-cli does", async () => {
    const args = [..."-c 256 --temp 0 -p".split(" "), "Hello world", "-n", "50000"];

    const run = await runLlamaCliForTest(["-m", model, ...args], { interruptAt: 20 });

    expect(run.exitCode).toBe(130);
    expect(run.stdout.toString("latin1")).toMatch(/^Hello world.+\nInterrupted by user\n$/s);
    expect(run.stderr).toContain("llama_perf_context_print:       total time =");
  });
});

function argumentsOf({ args }: Pick<Transcript, "args">): string[] {
  // The record abbreviates the one long prompt.
  const prompt = args.indexOf("word word word word word word word word …");
  if (prompt >= 0) return argumentsOf({ args: args.with(prompt, "word ".repeat(400)) });
  const all = args.includes("-m")
    ? args
    : ["-m", "random-tiny.gguf", ...STANDARD_INPUT_ARGS.split(" "), ...args];
  return all.map((arg) => {
    if (arg === "random-tiny.gguf") return model;
    return arg.startsWith("TMP/") ? join(folder, arg.slice(4)) : arg;
  });
}

function withoutFolder(text: string): string {
  return text.replaceAll(`${folder}/`, "TMP/");
}

function tellingLines(stderr: string): string[] {
  return (
    stderr
      .split("\n")
      .filter((line) => TELLING_LINE.test(line))
      // Why a grammar cannot be used is said in the words of our own parser.
      .map((line) => line.replace(/^(parse: error parsing grammar: ).*/, "$1…"))
      .sort()
  );
}

/** The counted tokens and runs of every performance line. */
function counts(stderr: string): string[] {
  return [...stderr.matchAll(/^llama_perf.*?= *[\d.]+ ms (\/ *\d+ \w+)?/gm)].map(
    (match) => match[1] ?? "",
  );
}
