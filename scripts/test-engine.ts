import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { sha256OfFile } from "../model/verified-file.ts";
import { parseConfig } from "../runtime/config.ts";
import { createEngine } from "../runtime/engine/create-engine.ts";
import { type EngineName, engines } from "../runtime/engine/engines.ts";
import {
  type Check,
  checksFor,
  type GateInputs,
  type Row,
  type TestedEngine,
} from "./build/gate/checks.ts";
import { checkLines, isRight, verdict, wrongRowsText } from "./build/gate/gate-report.ts";
import { ask, failureText } from "./build/gate/judge.ts";
import { type KnownAnswer, knownAnswer, otherPrompts } from "./build/gate/questions.ts";
import { readExpectations } from "./build/golden-expectations.ts";
import { requireFile } from "./cli/require-file.ts";

// `make test-engine ENGINE=/path/to/llama-cli SERVER=/path/to/llama-server MODEL=/path/to/a.gguf`, and
// the gate of the image build: judges engines by what they answer through the runtime. Exit code 1
// when an answer is wrong, 2 when it cannot be asked for.

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: process.env.ENGINE ?? "" },
    server: { type: "string", default: process.env.SERVER ?? "" },
    model: { type: "string", default: process.env.MODEL || "model/golden/golden.gguf" },
    expectations: { type: "string", default: "model/golden/expectations.json" },
    threads: { type: "string", default: process.env.THREADS || "1" },
    /** Names of checks, separated by commas; all of them by default. */
    only: { type: "string", default: process.env.ONLY ?? "" },
    stops: { type: "string", default: "200" },
  },
});

/** The reference engine answers for models up to this size in bytes; it is slow. */
const largestForReference = 64e6;
const referencePath = "dist/reference/llama-cli.mjs";

if (values.engine === "") {
  fail("Name the engine to test: make test-engine ENGINE=/path/to/llama-cli");
}
requireFile("ENGINE", values.engine, "run");
if (values.server !== "") requireFile("SERVER", values.server, "run");
requireFile("MODEL", values.model, "read");
requireFile("--expectations", values.expectations, "read");

const llamaCli = engineOf("llama-cli", values.engine);
const llamaServer = values.server === "" ? undefined : engineOf("llama-server", values.server);
const tested = llamaServer ? [llamaCli, llamaServer] : [llamaCli];
console.log(`model  ${values.model}`);
await requireStart("ENGINE", values.engine, llamaCli);
if (llamaServer) await requireStart("SERVER", values.server, llamaServer);

const checks = chosenChecks(checksFor(await gateInputs()));
const results: [check: string, row: Row][] = [];
for (const check of checks) {
  for (const row of await runCheck(check)) results.push([check.name, row]);
}
const wrong = results.filter(([, row]) => !isRight(row));
if (wrong.length > 0) console.log(`\n${wrongRowsText(wrong)}`);
const names = tested.map(({ name }) => name);
console.log(`\n${verdict(names, wrong.length, results.length)}`);
// Setting the exit code alone would not end this process: a resident engine keeps it alive.
process.exit(wrong.length > 0 ? 1 : 0);

async function runCheck({ name, skipped, rows }: Check): Promise<readonly Row[]> {
  if (skipped !== undefined) {
    console.log(`${name.padEnd(13)} skipped: ${skipped}`);
    return [];
  }
  const startedAt = performance.now();
  const judged: Row[] = [];
  for await (const row of rows()) {
    judged.push(row);
    if (process.stderr.isTTY) process.stderr.write(`\r${name} ${judged.length} `);
  }
  if (process.stderr.isTTY) process.stderr.write("\r");
  console.log(checkLines(name, judged, (performance.now() - startedAt) / 1000).join("\n"));
  return judged;
}

function engineOf(name: EngineName, path: string): TestedEngine {
  const variables = {
    BITNET_ENGINE: name,
    [engines[name].pathVariable]: resolve(path),
    BITNET_MODEL: resolve(values.model),
    BITNET_THREADS: values.threads,
  };
  return { name, variables, engine: createEngine(parseConfig(variables), process.env) };
}

/** An engine that cannot start would fail every question. */
async function requireStart(
  variable: "ENGINE" | "SERVER",
  path: string,
  { name, engine }: TestedEngine,
): Promise<void> {
  console.log(`engine ${path} (${name})`);
  try {
    await ask(engine, { prompt: "User: Hello\n\nAssistant:", n_predict: 1 });
  } catch (error) {
    const reason = failureText(error).replace(engines[name].pathVariable, variable);
    fail(`${variable}=${path} cannot answer a first question: ${reason}`);
  }
}

/** The golden model's answers; of another model those of the reference engine, or of llama-cli. */
async function gateInputs(): Promise<GateInputs> {
  const { cases, modelSha256 } = readExpectations(values.expectations);
  const stops = Number(values.stops);
  if ((await sha256OfFile(values.model)) === modelSha256) {
    return { engines: tested, known: cases.map(knownAnswer), source: "golden", stops };
  }
  const isSmall = statSync(values.model).size <= largestForReference && existsSync(referencePath);
  const source = isSmall ? "reference" : "first engine";
  const oracle = isSmall ? engineOf("llama-cli", referencePath) : llamaCli;
  console.log(
    `golden        skipped: ${values.model} is not the golden model; its answers are compared with those of ${isSmall ? "the reference engine" : "llama-cli, since it is too large for the reference engine"}`,
  );
  const known: KnownAnswer[] = [];
  for (const prompt of otherPrompts) {
    const fields = { prompt, n_predict: 32 };
    const { text, readTokens: _, ...end } = await ask(oracle.engine, fields);
    known.push({ prompt, answer: text, end });
  }
  return { engines: tested, known, source, stops };
}

function chosenChecks(checks: readonly Check[]): readonly Check[] {
  if (values.only === "") return checks;
  const names = values.only.split(",");
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    fail(`ONLY=${values.only}: choose from ${checks.map(({ name }) => name).join(", ")}`);
  }
  return checks.filter(({ name }) => names.includes(name));
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
