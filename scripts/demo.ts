import { createInterface } from "node:readline/promises";
import { toAppError } from "../runtime/errors.ts";
import type { GenerationEvent } from "../runtime/generation.ts";
import { type LocalRuntime, loadLocalRuntime } from "./local/local-runtime.ts";

// `make demo`: the handler's answers on this machine. PROMPT="…" asks one question, CHAT=1 holds a
// conversation that streams; without either, a few questions are asked to show what it does.

const { PROMPT, CHAT } = process.env;
process.env.BITNET_LOG_LEVEL ??= "error";

const cannedQuestions = [
  "What is the capital of France?",
  "Explain what AWS Lambda is in one sentence.",
  "Tell me a joke about programming.",
] as const;

/** Greedy, so that the same question has the same answer. */
const settings = { n_predict: 128, temperature: 0, repeat_penalty: 1 } as const;

/** Turns of a chat that are sent along; the golden model was trained on four at most. */
const rememberedTurns = 2;

interface Figures {
  readonly promptTokens: number | null;
  readonly predictedTokens: number;
  readonly tokensPerSecond: number | null;
}

const runtime = await loadLocalRuntime();
if (CHAT) await chat(runtime);
else if (PROMPT) console.log(`\n${figuresLine(runtime, [await ask(runtime, PROMPT)])}`);
else await showConversation(runtime);

async function showConversation(runtime: LocalRuntime): Promise<void> {
  const figures: Figures[] = [];
  for (const question of cannedQuestions) {
    console.log(`\n> ${question}`);
    figures.push(await ask(runtime, question));
  }
  console.log(`\n${figuresLine(runtime, figures)}`);
  console.log('\nYour turn: make demo PROMPT="…", or CHAT=1 make demo');
}

/** One question through the Lambda handler; prints the answer, or the error and ends. */
async function ask(runtime: LocalRuntime, content: string): Promise<Figures> {
  const event = { ...settings, messages: [{ role: "user", content }] };
  const { statusCode, body } = await runtime.invoke(event);
  const answer = JSON.parse(body);
  if (statusCode !== 200) {
    console.error(`${statusCode}: ${answer.error.message}`);
    process.exit(1);
  }
  console.log(answer.content.trim());
  return {
    promptTokens: answer.tokens_evaluated,
    predictedTokens: answer.tokens_predicted,
    tokensPerSecond: answer.timings.predicted_per_second,
  };
}

/** A conversation at the terminal. Ctrl-C stops an answer; Ctrl-D, or Ctrl-C again, ends it. */
async function chat(runtime: LocalRuntime): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
  const messages: { role: "user" | "assistant"; content: string }[] = [];
  const figures: Figures[] = [];
  let answering: AbortController | undefined;
  terminal.on("SIGINT", () => (answering ? answering.abort() : terminal.close()));
  console.log("A small chat. Ctrl-C stops an answer, Ctrl-D ends the chat.\n");
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() !== "") {
      messages.push({ role: "user", content: line });
      answering = new AbortController();
      const remembered = messages.slice(-2 * rememberedTurns - 1);
      const events = runtime.stream({ ...settings, messages: remembered }, answering.signal);
      const { text, ...told } = await printAnswer(events);
      answering = undefined;
      messages.push({ role: "assistant", content: text });
      figures.push(told);
      console.log("\n");
    }
    terminal.prompt();
  }
  if (figures.length > 0) console.log(`\n${figuresLine(runtime, figures)}`);
}

/** Prints text as it comes; an answer that was stopped or failed keeps what it had. */
async function printAnswer(events: AsyncIterable<GenerationEvent>) {
  let text = "";
  let figures: Figures = { promptTokens: null, predictedTokens: 0, tokensPerSecond: null };
  try {
    for await (const event of events) {
      if (event.type === "text-delta") {
        process.stdout.write(event.text);
        text += event.text;
      } else {
        const { usage, timings } = event;
        figures = { ...usage, tokensPerSecond: timings.predictedTokensPerSecond };
      }
    }
  } catch (error) {
    const { kind, message } = toAppError(error);
    process.stdout.write(kind === "client-aborted" ? " (stopped)" : `\n${kind}: ${message}`);
  }
  return { text, ...figures };
}

/** Engine, model, tokens and speed on one line. */
function figuresLine(runtime: LocalRuntime, figures: readonly Figures[]): string {
  const sum = (values: readonly (number | null)[]) =>
    values.reduce<number>((a, b) => a + (b ?? 0), 0);
  const promptTokens = sum(figures.map((each) => each.promptTokens));
  const predictedTokens = sum(figures.map((each) => each.predictedTokens));
  const rates = figures.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
  const rate =
    rates.length === 0 ? "too few tokens for a rate" : `${mean(rates).toFixed(0)} tokens/s`;
  return [
    runtime.engineName,
    runtime.modelName,
    `${promptTokens} prompt + ${predictedTokens} answer tokens`,
    rate,
  ].join(" · ");
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
