import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../runtime/config.ts";
import { createEngine } from "../../../runtime/engine/create-engine.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import type { EngineName } from "../../../runtime/engine/engines.ts";
import { systemPrefix } from "../../../runtime/request/chat-prompt.ts";
import { parseRequest } from "../../../runtime/request/request.ts";
import { ask, failureText, type Judgement, judge, type Question } from "./judge.ts";
import {
  answerQuestion,
  constraintQuestions,
  type KnownAnswer,
  longRequest,
  penaltyRequests,
  seedRequests,
  stopQuestions,
} from "./questions.ts";

/** An engine under test. */
export interface TestedEngine {
  readonly name: EngineName;
  readonly engine: Engine;
  /** The runtime's variables that it was made from. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What is tested, and what is known of its model. */
export interface GateInputs {
  readonly engines: readonly TestedEngine[];
  readonly known: readonly KnownAnswer[];
  /** Where `known` is from: "golden", the reference engine, or the first of `engines`. */
  readonly source: "golden" | "reference" | "first engine";
  /** How many stop strings to try. */
  readonly stops: number;
}

/** A judgement of one engine. */
export interface Row extends Judgement {
  readonly engine: EngineName;
}

/** One kind of question. */
export interface Check {
  readonly name: string;
  /** Why it is not asked; absent where it is. */
  readonly skipped?: string | undefined;
  readonly rows: () => AsyncIterable<Row>;
}

/** All checks, in order. */
export function checksFor({ engines, known, source, stops }: GateInputs): Check[] {
  const unanswered = source === "first engine" ? engines.slice(1) : engines;
  const needsEngine = engines.some(isLlamaCli) ? undefined : "needs ENGINE";
  const needsTwo = engines.length > 1 ? undefined : "needs both ENGINE and SERVER";
  const needsKnown = known.length > 0 ? undefined : "no answer of this model is known";
  const checks: [name: string, skipped: string | undefined, rows: Check["rows"]][] = [
    [
      source === "golden" ? "golden" : "answers",
      unanswered.length === 0 ? needsTwo : needsKnown,
      () => judgeEach(unanswered, known.map(answerQuestion)),
    ],
    ["stops", needsKnown, () => judgeEach(engines, stopQuestions(known, stops))],
    ["grammars", undefined, () => judgeEach(engines, constraintQuestions())],
    ["seeds", needsTwo, () => compareEngines(engines, seedRequests)],
    ["penalties", needsTwo, () => compareEngines(engines, penaltyRequests)],
    ["prompt-cache", needsEngine, () => compareWithState(engines)],
    ["abort", needsKnown, () => answerAfterAbort(engines, known)],
  ];
  return checks.map(([name, skipped, rows]) => ({ name, skipped, rows }));
}

const isLlamaCli = ({ name }: TestedEngine) => name === "llama-cli";

async function* judgeEach(
  engines: readonly TestedEngine[],
  questions: readonly Question[],
): AsyncGenerator<Row> {
  for (const { name, engine } of engines) {
    for (const question of questions) yield { engine: name, ...(await judge(engine, question)) };
  }
}

const anything = /^/;

/** What the first engine answers is expected of the others. */
async function* compareEngines(
  [first, ...others]: readonly TestedEngine[],
  requests: readonly Question["fields"][],
): AsyncGenerator<Row> {
  if (first === undefined) return;
  for (const fields of requests) {
    const answered = await judge(first.engine, { fields, text: anything });
    if (answered.differences.length > 0) yield { engine: first.name, ...answered };
    else yield* judgeEach(others, [{ fields, text: answered.got }]);
  }
}

/** Aborts an answer under way; the next request must be answered as ever. */
async function* answerAfterAbort(
  engines: readonly TestedEngine[],
  [first]: readonly KnownAnswer[],
): AsyncGenerator<Row> {
  if (first === undefined) return;
  for (const { name, engine } of engines) {
    const end = await abortEarly(engine);
    const judgement = await judge(engine, answerQuestion(first));
    const differences = end === "aborted" ? [] : [`aborted answer ended by ${end}`];
    yield { engine: name, ...judgement, differences: [...differences, ...judgement.differences] };
  }
}

/** Aborts at the first text; returns how the answer ended. */
async function abortEarly(engine: Engine): Promise<string> {
  const controller = new AbortController();
  const request = parseRequest(longRequest, () => 0);
  for await (const event of engine.generate(request, controller.signal)) {
    if (event.type === "generation-end") return event.finishReason;
    controller.abort();
  }
  return "nothing";
}

const stateMaker = "dist/prompt-cache/make-prompt-cache.mjs";
const systemPrompt =
  "You are a helpful AI assistant. Answer in one sentence, in plain words, and never guess.";

/** Writes llama-cli's state behind a system prompt, and compares an answer with and without it. */
async function* compareWithState(engines: readonly TestedEngine[]): AsyncGenerator<Row> {
  const llamaCli = engines.find(isLlamaCli);
  if (llamaCli === undefined) return;
  const { name, engine, variables } = llamaCli;
  const folder = mkdtempSync(join(tmpdir(), "bitnet-state-"));
  const state = { BITNET_SYSTEM_PROMPT: systemPrompt, BITNET_PROMPT_CACHE: join(folder, "state") };
  const withState = { ...variables, ...state };
  const prompt = `${systemPrefix(systemPrompt)}User: Hello<|eot_id|>Assistant: `;
  const fields = { prompt, n_predict: 24 };
  try {
    const { text, finishReason, promptTokens } = await ask(engine, fields);
    const question = { fields, text, end: { finishReason, promptTokens } };
    const failure = makeState(withState);
    const cached = createEngine(parseConfig(withState), process.env);
    const { readTokens } = await ask(cached, fields);
    const judgement = await judge(cached, question);
    const isShorter = readTokens !== null && promptTokens !== null && readTokens < promptTokens;
    const differences = [
      ...(failure === "" ? [] : [`no state: ${failure}`]),
      ...(isShorter ? [] : [`read ${readTokens} of ${promptTokens} prompt tokens again`]),
      ...judgement.differences,
    ];
    yield { engine: name, ...judgement, differences };
  } catch (error) {
    const question = { fields, text: anything };
    yield { engine: name, question, got: failureText(error), differences: ["failed"] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the last line of output when it fails. */
function makeState(variables: Readonly<Record<string, string>>): string {
  const environment = { ...process.env, ...variables };
  const made = spawnSync(process.execPath, [stateMaker], { env: environment, encoding: "utf8" });
  return made.status === 0 ? "" : (made.stderr.trim().split("\n").at(-1) ?? "");
}
