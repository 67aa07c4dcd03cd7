import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Engine } from "../../../../runtime/engine/engine.ts";
import type { GenerationRequest } from "../../../../runtime/generation.ts";
import { checksFor, type GateInputs, type Row } from "../../../../scripts/build/gate/checks.ts";
import { checkLines, verdict, wrongRowsText } from "../../../../scripts/build/gate/gate-report.ts";
import { type KnownAnswer, stopQuestions } from "../../../../scripts/build/gate/questions.ts";
import { referenceLlamaCli } from "../../../helpers/reference.ts";
import { runScript } from "../../../helpers/run-script.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const usage = { promptTokens: 5, predictedTokens: 8 };
const timings = {
  ...{ loadMs: 1, promptMs: 1, predictedMs: 1, firstTokenMs: 1, totalMs: 1 },
  ...{ promptTokensPerSecond: 1, predictedTokensPerSecond: 1 },
};
const end = { finishReason: "stop", ...usage };
const known: KnownAnswer[] = [
  { prompt: "capital?", answer: "The capital of France is Paris.", end },
  { prompt: "sky?", answer: "The sky is blue.", end },
];

/** How an engine of the tests departs from a right one. */
type Fault = (text: string, request: GenerationRequest) => string;

/** An engine that gives the known answers, and what a grammar allows, piece by piece. */
function scripted(fault: Fault = (text) => text, isDeaf = false): Engine {
  async function* generate(request: GenerationRequest, signal: AbortSignal) {
    const { grammar, seed } = request.settings;
    const answer = known.find(({ prompt }) => prompt === request.prompt)?.answer ?? `drawn ${seed}`;
    const allowed = grammar.includes("city") ? '{"city":"Paris","isSure":true}' : "red 12";
    const text = fault(grammar === "" ? answer : allowed, request);
    for (let at = 0; at < text.length && (isDeaf || !signal.aborted); at += 3) {
      yield { type: "text-delta", text: text.slice(at, at + 3) } as const;
    }
    const finishReason = signal.aborted && !isDeaf ? "aborted" : "stop";
    yield { type: "generation-end", finishReason, usage, timings } as const;
  }
  return { generate, checkHealth() {}, async settled() {}, async stop() {} };
}

/** The wrong rows' checks and engines, each once, of all checks that need no process. */
async function wrongIn(inputs: Partial<GateInputs> & Pick<GateInputs, "engines">) {
  const wrong = new Set<string>();
  for (const check of checksFor({ known, source: "golden", stops: 20, ...inputs })) {
    if (check.name === "prompt-cache" || check.skipped !== undefined) continue;
    for await (const { engine, differences } of check.rows()) {
      if (differences.length > 0) wrong.add(`${check.name}, ${engine}`);
    }
  }
  return [...wrong];
}

const right = { name: "llama-cli", engine: scripted(), variables: {} } as const;

describe("the engine gate", () => {
  it.each<[string, Engine, string[]]>([
    ["right", scripted(), []],
    [
      "that changes one letter",
      scripted((text) => text.replace("is", "iz")),
      ["golden", "stops", "grammars", "abort"],
    ],
    [
      "that loses text when there is a stop string",
      scripted((text, { settings }) => (settings.stop.length > 0 ? text.slice(3) : text)),
      ["stops"],
    ],
    [
      "that ignores grammars",
      scripted((text) => text.replace(/^(red|\{).*/, "Hello")),
      ["grammars", "seeds"],
    ],
    [
      "that draws other tokens from a seed",
      scripted((text) => text.replace(/^drawn [1-9]/, "")),
      ["seeds"],
    ],
    [
      "that ignores penalties",
      scripted((text, { settings }) => (settings.presence_penalty > 0 ? `${text}!` : text)),
      ["penalties"],
    ],
    ["that goes on after an abort", scripted(undefined, true), ["abort"]],
  ])("judges an engine %s", async (_name, engine, checks) => {
    const wrong = await wrongIn({ engines: [right, { ...right, name: "llama-server", engine }] });

    expect(wrong).toEqual(checks.map((check) => `${check}, llama-server`));
  });

  it("cuts stop strings inside words, the same in each run", () => {
    const questions = stopQuestions(known, 200);
    const stops = questions.map(({ fields }) => String((fields.stop as string[])[0]));

    expect(stopQuestions(known, 200)).toEqual(questions);
    expect(stops.filter((stop) => !/^\p{L}.*\p{L}$|^\p{L}$/u.test(stop))).toEqual([]);
    expect(new Set(stops).size).toBeGreaterThan(50);
  });

  it("compares with each other where nothing is known, and says what it leaves out", () => {
    const alone = checksFor({ engines: [right], known, source: "first engine", stops: 1 });
    const skipped = alone.filter((check) => check.skipped !== undefined);

    expect(skipped.map(({ name, skipped: reason }) => `${name}: ${reason}`)).toEqual([
      "answers: needs both ENGINE and SERVER",
      "seeds: needs both ENGINE and SERVER",
      "penalties: needs both ENGINE and SERVER",
    ]);
  });
});

describe("the prompt cache's check", () => {
  /** Writes a state when asked to, and reports fewer tokens read when it is given one. */
  function fakeLlamaCli(answerWithState: string, tokensWithState: number): string {
    const path = join(folder, `llama-cli-${answerWithState}-${tokensWithState}`);
    const script = `#!/bin/sh
tokens=90 answer=Hello
case "$*" in
*--prompt-cache-ro*) tokens=${tokensWithState} answer=${answerWithState} ;;
*--prompt-cache*) while [ "$1" != --prompt-cache ]; do shift; done; echo state >"$2" ;;
esac
printf '%s [end of text]\\n\\n\\n' "$answer"
echo "generate: n_ctx = 1, n_batch = 1, n_predict = 1, n_keep = 90" >&2
echo "llama_perf_context_print: prompt eval time = 100.00 ms / $tokens tokens ( 1 ms per token, $tokens""0.00 tokens per second)" >&2
`;
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  }

  it.each([
    ["Hello", 5, 0, "gives all 1 answers as expected."],
    ["Hullo", 5, 1, "WRONG: prompt-cache, llama-cli: text"],
    ["Hello", 90, 1, "WRONG: prompt-cache, llama-cli: read 90 of 90 prompt tokens again"],
  ])("answer %s, %d tokens read: exit code %d", async (answer, tokens, exitCode, message) => {
    const variables = { ENGINE: fakeLlamaCli(answer, tokens), ONLY: "prompt-cache" };
    const run = await runScript("test-engine.ts", variables);

    expect(run).toEqual({ exitCode, output: expect.stringContaining(message) });
  });
});

describe("make test-engine", () => {
  it("judges the reference engine by another model than the golden one", async () => {
    const run = await runScript("test-engine.ts", {
      ENGINE: referenceLlamaCli,
      MODEL: resolve("tests/fixtures/recorded/random-tiny.gguf"),
      ONLY: "answers,grammars",
    });

    expect(run.output).toContain("is not the golden model; its answers are compared with those of");
    expect(run.output).toContain("the reference engine\nanswers       llama-cli     6 of 6 right");
    expect(run).toMatchObject({ exitCode: 0, output: expect.stringMatching(/all 22 answers/) });
  });

  const broken = join(folder, "broken");
  writeFileSync(broken, "#!/bin/sh\necho 'no such model' >&2\nexit 3\n", { mode: 0o755 });

  const started = `model  model/golden/golden.gguf\nengine ${broken} (llama-cli)\n`;

  it.each([
    [
      { ENGINE: broken },
      `${started}ENGINE=${broken} cannot answer a first question: no such model\n`,
    ],
    [{ ENGINE: folder }, `ENGINE: ${folder} is a directory\n`],
    [
      { ENGINE: referenceLlamaCli, ONLY: "gold" },
      expect.stringContaining("ONLY=gold: choose from golden, stops, grammars, seeds"),
    ],
  ])("refuses %j in one sentence", async (variables, output) => {
    expect(await runScript("test-engine.ts", variables)).toEqual({ exitCode: 2, output });
  });
});

describe("the gate's report", () => {
  const row = (text: string | RegExp, got: string, differences = ["text"]): Row => ({
    engine: "llama-cli",
    question: { fields: { prompt: "sky?" }, text },
    got,
    differences,
  });

  it("shows what was asked, expected and answered", () => {
    expect(wrongRowsText([["golden", row("it is blue\n", "it was blue")]]).split("\n")).toEqual([
      "WRONG: golden, llama-cli: text",
      '  asked     {"prompt":"sky?"}',
      '  expected  "it is blue\\n"',
      '  got       "it was blue"',
    ]);
  });

  it("counts what it leaves out, and each engine's right answers", () => {
    const many = Array.from({ length: 43 }, () => ["grammars", row(/^a$/, "b")] as const);
    const right = row("a", "a", []);
    const rows: Row[] = [right, row("a", "b"), { ...right, engine: "llama-server" }];

    expect(wrongRowsText(many)).toMatch(/expected {2}a match of \/\^a\$\/(.|\n)*\n… and 3 more$/);
    expect(checkLines("stops", rows, 1.25)).toEqual([
      "stops         llama-cli     1 of 2 right          1.3 s",
      "stops         llama-server  1 of 1 right",
    ]);
    expect(verdict(["llama-cli"], 0, 9)).toBe("llama-cli gives all 9 answers as expected.");
    expect(verdict(["llama-cli", "llama-server"], 2, 9)).toBe(
      "2 of 9 answers of llama-cli and llama-server are wrong: do not deploy this engine.",
    );
  });
});
