import { parseCommandLine } from "../../../../model/reference/command-line.ts";
import {
  defaultSettings,
  FLAGS,
  LLAMA_CLI,
  type LlamaCliSettings,
} from "../../../../model/reference/llama-cli-flags.ts";

const files: Readonly<Record<string, string>> = { "p.txt": "line\n\n", "empty.txt": "" };

describe("llama-cli's command line", () => {
  it("has llama-cli's defaults", () => {
    expect(settingsOf([])).toEqual(defaultSettings());
  });

  it.each<{ args: string[]; settings: Partial<LlamaCliSettings> }>([
    { args: ["-m", "x.gguf"], settings: { modelPath: "x.gguf" } },
    { args: ["--model", "x.gguf"], settings: { modelPath: "x.gguf" } },
    { args: ["-c", "64"], settings: { contextTokens: 64 } },
    { args: ["--ctx-size", "64"], settings: { contextTokens: 64 } },
    { args: ["--ctx_size", "64"], settings: { contextTokens: 64 } },
    { args: ["-b", "1"], settings: { batchTokens: 1 } },
    { args: ["-ub", "2"], settings: { microBatchTokens: 2 } },
    { args: ["-n", "3"], settings: { predictTokens: 3 } },
    { args: ["--predict", " 3x"], settings: { predictTokens: 3 } },
    { args: ["--n-predict", "-2"], settings: { predictTokens: -2 } },
    { args: ["--keep", "-1"], settings: { keepTokens: -1 } },
    { args: ["-p", "Grüße"], settings: { prompt: Buffer.from("Grüße") } },
    { args: ["-f", "p.txt"], settings: { prompt: Buffer.from("line\n") } },
    { args: ["-p", "a", "-f", "p.txt"], settings: { prompt: Buffer.from("aline\n") } },
    { args: ["-f", "empty.txt"], settings: { prompt: Buffer.alloc(0) } },
    { args: ["-p", "a", "-bf", "p.txt"], settings: { prompt: Buffer.from("line\n\n") } },
    { args: ["--no-escape", "-e"], settings: { processesEscapes: true } },
    { args: ["--no-escape"], settings: { processesEscapes: false } },
    { args: ["--no-display-prompt"], settings: { displaysPrompt: false } },
    { args: ["--verbose-prompt"], settings: { printsVerbosePrompt: true } },
    { args: ["--no-warmup"], settings: { warmsUp: false } },
    { args: ["--prompt-cache", "x"], settings: { promptCachePath: "x" } },
    { args: ["--prompt-cache-all"], settings: { cachesAnswer: true } },
    { args: ["--prompt-cache-ro"], settings: { isCacheReadOnly: true } },
    { args: ["--no-context-shift"], settings: { shiftsContext: false } },
    { args: ["--log-disable"], settings: { logs: false } },
    {
      args: ["-r", "a", "-r", "b"],
      settings: { reversePrompts: [Buffer.from("a"), Buffer.from("b")] },
    },
    { args: ["--i2s-block", "64"], settings: { i2sBlock: 64 } },
    { args: ["--grammar", 'root ::= "a"'], settings: { grammar: 'root ::= "a"' } },
    { args: ["--grammar-file", "p.txt"], settings: { grammar: "line\n\n" } },
    {
      args: ["-j", '{"type":"null"}'],
      settings: {
        grammar: 'root ::= "null" space\nspace ::= | " " | "\\n" [ \\t]{0,20}\n',
      },
    },
    { args: ["-t", "2", "-tb", "2", "--simple-io"], settings: {} },
    {
      args: ["--override-kv", "a=str:x=y:z", "--override-kv", "b=int:3"],
      settings: {
        overrides: new Map<string, { type: "string" | "i32"; value: string | number }>([
          ["a", { type: "string", value: "x=y:z" }],
          ["b", { type: "i32", value: 3 }],
        ]),
      },
    },
  ])("understands $args", ({ args, settings }) => {
    expect(settingsOf(args)).toEqual({ ...defaultSettings(), ...settings });
  });

  it.each<{ args: string[]; sampling: Partial<LlamaCliSettings["sampling"]> }>([
    { args: ["-s", "7"], sampling: { seed: 7 } },
    { args: ["--seed", "-1"], sampling: { seed: 4294967295 } },
    { args: ["--temp", "0.7"], sampling: { temperature: Math.fround(0.7) } },
    { args: ["--temp", "-1"], sampling: { temperature: 0 } },
    { args: ["--top-k", "0"], sampling: { topK: 0 } },
    { args: ["--top-p", "1e-1"], sampling: { topP: Math.fround(0.1) } },
    { args: ["--min-p", ".25"], sampling: { minP: 0.25 } },
    { args: ["--repeat-penalty", "inf"], sampling: { repeatPenalty: Number.POSITIVE_INFINITY } },
    { args: ["--repeat-last-n", "-1"], sampling: { repeatLastTokens: -1 } },
    {
      args: ["-l", "1020+1000", "--logit-bias", "3-0.5"],
      sampling: {
        logitBias: [
          { token: 1020, bias: 1000 },
          { token: 3, bias: -0.5 },
        ],
      },
    },
  ])("understands $args of the sampler", ({ args, sampling }) => {
    expect(settingsOf(args).sampling).toEqual({ ...defaultSettings().sampling, ...sampling });
  });

  it.each([
    { args: ["--no-such-flag"], message: "error: invalid argument: --no-such-flag\n" },
    { args: ["stray"], message: "error: invalid argument: stray\n" },
    { args: ["-n"], message: 'error while handling argument "-n": expected value for argument\n' },
    {
      args: ["-n", "many"],
      message:
        'error while handling argument "-n": stoi\n\nusage:\n-n,    --predict, --n-predict N         number of',
    },
    { args: ["-n", "99999999999"], message: 'error while handling argument "-n": stoi\n' },
    { args: ["--temp", "warm"], message: 'error while handling argument "--temp": stof\n' },
    { args: ["--seed", "x"], message: 'error while handling argument "--seed": stoul\n' },
    { args: ["-l", "5"], message: 'error while handling argument "-l": invalid input format\n' },
    {
      args: ["--i2s-block", "32"],
      message: 'error while handling argument "--i2s-block": must be 128 or 64\n',
    },
    {
      args: ["-f", "absent"],
      message: "error while handling argument \"-f\": error: failed to open file 'absent'\n",
    },
    {
      args: ["--grammar-file", "absent"],
      message:
        "error while handling argument \"--grammar-file\": error: failed to open file 'absent'",
    },
    {
      args: ["-j", '{"pattern":"^a$"}'],
      message: "JSON schema conversion failed:\npattern is not implemented by the reference engine",
    },
    {
      args: ["--conversation"],
      message: "error: --conversation is not implemented by the reference engine\n",
    },
    {
      args: ["--prompt-cache"],
      message: 'error while handling argument "--prompt-cache": expected value for argument\n',
    },
  ])("refuses $args", ({ args, message }) => {
    const request = parse(args);

    expect(request).toEqual({ kind: "print", exitCode: 1, text: expect.stringContaining(message) });
  });

  it("tells how many bytes a binary file had", () => {
    expect(parse(["-bf", "p.txt"])).toMatchObject({
      notes: ["Read 6 bytes from binary file p.txt"],
    });
  });

  it("lists every flag in its help, and ends well", () => {
    const request = parse(["--help"]);

    expect(request).toMatchObject({ kind: "print", exitCode: 0 });
    for (const name of FLAGS.flatMap(({ names }) => names)) {
      expect(request).toMatchObject({ text: expect.stringContaining(name) });
    }
  });

  it("tells its version, and ends well", () => {
    expect(parse(["--version"])).toMatchObject({ kind: "print", exitCode: 0 });
  });
});

function parse(args: readonly string[]) {
  return parseCommandLine(LLAMA_CLI, args, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return Buffer.from(text);
  });
}

function settingsOf(args: readonly string[]): LlamaCliSettings {
  const request = parse(args);
  if (request.kind !== "run") throw new Error(request.text);
  return request.settings;
}
