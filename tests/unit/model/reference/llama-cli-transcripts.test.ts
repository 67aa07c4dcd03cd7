import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Transcript, transcripts } from "../../../helpers/recorded.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { randomModel, runLlamaCliForTest } from "./run-llama-cli.ts";

// What the real llama-cli (BitNet 01eb415) wrote, byte for byte: its runs are repeated here, as far
// as they use no other flags than the runtime does.

/** The recorded short names of flags, and the names that the runtime uses. */
const longNames: Readonly<Record<string, string>> = {
  "-m": "--model",
  "-t": "--threads",
  "-c": "--ctx-size",
  "-n": "--predict",
};

/** Runs that need a signal, or what the runtime turns off. */
const leftOut = /signal|prompt displayed|past context/;

/** What the runtime never sends. */
const unusedFlags =
  /^(-f|-j|-r|--verbose-prompt|--log-disable|--simple-io|--logit-bias|--override-kv|--prompt-cache)$/;

/** Arguments of the one run whose record has only the last two. */
const standardInputArgs = "-t 1 -c 256 --temp 0 --seed 1 -n 8 --no-display-prompt --no-escape";

const promptFile = "two newlines follow\n\n";

/** Lines about what was run and with what result, but for timings and the program's name. */
const linesToCompare =
  /^(gguf_init|llama_model_load:|llama_load_model|common_init_from_params: failed|main: (prompt|error)|parse: |error|sampler|generate:|\t)/;

const folder = temporaryFolder();

beforeAll(() => {
  writeFileSync(join(folder, "corrupt.gguf"), readFileSync(randomModel).subarray(0, 200_000));
  writeFileSync(join(folder, "not-a-model.gguf"), "hello".repeat(100));
});

describe("the reference engine's command line", () => {
  const repeated = transcripts.filter(
    ({ case: name, args }) => !leftOut.test(name) && !args.some((arg) => unusedFlags.test(arg)),
  );

  it("has transcripts to repeat", () => {
    expect(repeated).toHaveLength(18);
  });

  it.each(repeated)("does what llama-cli did: $case", async (transcript) => {
    const { args, prompt } = commandOf(transcript);

    const run = await runLlamaCliForTest(args, { prompt });

    expect(run.stdout.toString("base64")).toBe(transcript.stdout_base64);
    expect(run.exitCode).toBe(transcript.exit);
    expect(comparedLines(withoutFolder(run.stderr))).toEqual(
      comparedLines(transcript.stderr ?? ""),
    );
    expect(counts(run.stderr)).toEqual(counts(transcript.stderr ?? ""));
  });

  it("stops at an interrupt as llama-cli does", async () => {
    const args = ["--model", randomModel, "--ctx-size", "256", "--temp", "0", "--predict", "50000"];

    const run = await runLlamaCliForTest(args, { prompt: "Hello world", interruptAt: 20 });

    expect(run.exitCode).toBe(130);
    expect(run.stdout.toString("latin1")).toMatch(/^PnVtSIHn.+\nInterrupted by user\n$/s);
    expect(run.stderr).toContain("llama_perf_context_print:       total time =");
  });
});

/** A recorded command as the runtime would have put it: the prompt on standard input. */
function commandOf({ args }: Pick<Transcript, "args">): { args: string[]; prompt: string } {
  if (!args.includes("-m")) {
    return {
      ...commandOf({ args: ["-m", "", ...standardInputArgs.split(" ")] }),
      prompt: promptFile,
    };
  }
  const at = args.indexOf("-p");
  const prompt = at < 0 ? "" : (args[at + 1] ?? "");
  const others = args.filter((_, index) => at < 0 || index < at || index > at + 1);
  return {
    args: others.map((arg, index) =>
      others[index - 1] === "-m" ? modelPath(arg) : (longNames[arg] ?? arg),
    ),
    // The record abbreviates the one long prompt.
    prompt: prompt.endsWith("…") ? "word ".repeat(400) : prompt,
  };
}

function modelPath(recorded: string): string {
  return recorded.startsWith("TMP/") ? join(folder, recorded.slice(4)) : randomModel;
}

/** A run's standard error with the paths and flags of the record. */
function withoutFolder(stderr: string): string {
  return stderr.replaceAll(`${folder}/`, "TMP/").replaceAll('"--predict"', '"-n"');
}

function comparedLines(stderr: string): string[] {
  return (
    stderr
      .split("\n")
      .filter((line) => linesToCompare.test(line))
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
