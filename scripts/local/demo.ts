import { Chat } from "../remote/chat.ts";
import type { AnswerFigures } from "../remote/chat-model.ts";
import { openAiModel } from "../remote/chat-model.ts";
import { completeLocalEnvironment, type LocalNames } from "./local-environment.ts";
import { type LocalRuntime, loadLocalRuntime } from "./local-runtime.ts";

/** Greedy, so that the same question has the same answer. */
const sampling = { temperature: 0, repeat_penalty: 1 } as const;

/** Tokens of an answer at most. */
const answerTokens = 128;

/** Milliseconds: as long as Lambda allows. */
const timeoutMs = 15 * 60 * 1000;

/** The golden model was trained on four turns at most. */
const rememberedQuestions = 2;

const exampleQuestions = [
  "What is the capital of France?",
  "Explain what AWS Lambda is in one sentence.",
  "Tell me a joke about programming.",
] as const;

/** Asks the Lambda handler a few questions and prints the answers. */
export async function showExamples(): Promise<void> {
  const runtime = await loadLocalRuntime();
  const figures: AnswerFigures[] = [];
  for (const question of exampleQuestions) {
    console.log(`\n> ${question}`);
    figures.push(await ask(runtime, question));
  }
  console.log(`\n${figuresLine(runtime, figures)}`);
  console.log('\nYour turn: make demo PROMPT="…", or CHAT=1 make demo');
}

/** Asks the Lambda handler one question and prints the answer. */
export async function showAnswer(question: string): Promise<void> {
  const runtime = await loadLocalRuntime();
  const figures = await ask(runtime, question);
  console.log(`\n${figuresLine(runtime, [figures])}`);
}

/** Prints the answer, or the error and ends the process with exit code 1. */
async function ask(runtime: LocalRuntime, content: string): Promise<AnswerFigures> {
  const messages = [{ role: "user", content }];
  const event = { ...sampling, n_predict: answerTokens, messages };
  const { statusCode, body } = await runtime.invoke(event);
  const answer = JSON.parse(body);
  if (statusCode !== 200) {
    console.error(`${statusCode}: ${answer.error.message}`);
    process.exit(1);
  }
  console.log(answer.content.trim());
  return {
    promptTokens: answer.tokens_evaluated ?? 0,
    predictedTokens: answer.tokens_predicted,
    tokensPerSecond: answer.timings.predicted_per_second,
  };
}

/** Holds a conversation with a local server that runs as long as it lasts. */
export async function holdChat(): Promise<void> {
  const names = completeLocalEnvironment();
  const { startLocalServer } = await import("../../runtime/local-server.ts");
  const server = await startLocalServer({ functionName: "demo", port: 0, timeoutMs });
  const model = openAiModel(server.url, undefined, { ...sampling, max_tokens: answerTokens });
  const { stdin: input, stdout: output } = process;
  const chat = new Chat({ model, rememberedQuestions, input, output });
  await chat.hold();
  await server.close();
  if (chat.figures.length > 0) console.log(`\n${figuresLine(names, chat.figures)}`);
}

/** Engine, model, tokens and speed on one line. */
function figuresLine(names: LocalNames, figures: readonly AnswerFigures[]): string {
  const promptTokens = sum(figures.map((each) => each.promptTokens));
  const predictedTokens = sum(figures.map((each) => each.predictedTokens));
  const rates = figures.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
  return [
    names.engineName,
    names.modelName,
    `${promptTokens} prompt + ${predictedTokens} answer tokens`,
    rates.length === 0
      ? "too few tokens for a rate"
      : `${(sum(rates) / rates.length).toFixed(0)} tokens/s`,
  ].join(" · ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
