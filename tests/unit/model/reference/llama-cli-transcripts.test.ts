import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineFailure } from "../../../../runtime/engine/engine-failure.ts";
import { LlamaCliStatisticsReader } from "../../../../runtime/engine/llama-cli/output.ts";
import { type Transcript, transcripts } from "../../../helpers/recorded.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { randomModel, runLlamaCliForTest } from "./run-llama-cli.ts";

// What the real llama-cli (BitNet 01eb415) wrote: its runs are repeated here, as far as they use no
// other flags than the runtime does. Answers are compared byte for byte, standard error as the
// runtime reads it.

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
  /^(-f|-j|-r|--verbose-prompt|--log-disable|--simple-io|--override-kv|--prompt-cache)$/;

/** Arguments of the one run whose record has only the last two. */
const standardInputArgs = "-t 1 -c 256 --temp 0 --seed 1 -n 8 --no-display-prompt --no-escape";

const promptFile = "two newlines follow\n\n";

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
    expect(repeated).toHaveLength(19);
  });

  it.each(repeated)("does what llama-cli did: $case", async (transcript) => {
    const { args, prompt } = commandOf(transcript);

    const run = await runLlamaCliForTest(args, prompt);

    expect(run.stdout.toString("base64")).toBe(transcript.stdout_base64);
    expect(run.exitCode).toBe(transcript.exit);
    expect(read(run.exitCode, run.stderr)).toEqual(read(transcript.exit, transcript.stderr));
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

/** What the runtime reads from standard error: counts, a refused grammar, the kind of failure. */
function read(exitCode: number, stderr = "") {
  const reader = new LlamaCliStatisticsReader();
  // Recorded without --keep -1, which has this line name the length of the prompt.
  reader.push(Buffer.from(stderr.replace(/^generate: .*/m, "")));
  const { promptTokens, predictedTokens } = reader.end();
  const { isGrammarRefused } = reader;
  const run = { exitCode, signal: null, startFailure: undefined, hasPrompt: true };
  const failure = exitCode !== 0 && engineFailure({ ...run, stderrTail: stderr }, "").kind;
  return { promptTokens, predictedTokens, isGrammarRefused, failure };
}
