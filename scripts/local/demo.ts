import { type AnswerFigures, Chat, type ChatModel } from "../remote/chat.ts";
import type { LocalNames } from "./local-environment.ts";
import { LocalModel } from "./local-model.ts";

/** The golden model was trained on four turns at most. */
const rememberedQuestions = 2;

const exampleQuestions = [
  "What is the capital of France?",
  "Explain what AWS Lambda is in one sentence.",
  "Tell me a joke about programming.",
] as const;

/** Asks the model a few questions and prints the answers. */
export async function showExamples(): Promise<void> {
  await withModel(async (model) => {
    const figures: AnswerFigures[] = [];
    for (const question of exampleQuestions) {
      process.stdout.write(`\n> ${question}\n`);
      figures.push(...(await printAnswer(model, question)));
    }
    return figures;
  });
  console.log('\nYour turn: make demo PROMPT="…", or CHAT=1 make demo');
}

/** Asks the model one question and prints the answer. */
export async function showAnswer(question: string): Promise<void> {
  await withModel((model) => printAnswer(model, question));
}

/** Holds a conversation. */
export async function holdChat(): Promise<void> {
  await withModel(async (model) => {
    const { stdin: input, stdout: output } = process;
    const chat = new Chat({ model, rememberedQuestions, input, output });
    await chat.hold();
    return chat.figures;
  });
}

/** Prints what the answers took, and ends the engine. */
async function withModel(use: (model: ChatModel) => Promise<AnswerFigures[]>): Promise<void> {
  const model = new LocalModel();
  try {
    const figures = await use(model);
    if (figures.length > 0) console.log(`\n${figuresLine(model.names, figures)}`);
  } finally {
    await model.close();
  }
}

/** Prints an answer as it arrives, without the white space around it. */
async function printAnswer(model: ChatModel, content: string): Promise<AnswerFigures[]> {
  const figures: AnswerFigures[] = [];
  let isBegun = false;
  // May be the answer's last.
  let space = "";
  const never = new AbortController().signal;
  for await (const event of model.answer([{ role: "user", content }], never)) {
    if (typeof event !== "string") {
      figures.push(event);
      continue;
    }
    const text: string = isBegun ? space + event : event.trimStart();
    isBegun ||= text !== "";
    const shown = text.trimEnd();
    space = text.slice(shown.length);
    process.stdout.write(shown);
  }
  process.stdout.write("\n");
  return figures;
}

/** Engine, model, tokens and speed on one line. */
function figuresLine(names: LocalNames, figures: readonly AnswerFigures[]): string {
  const promptTokens = sum(figures.map((each) => each.promptTokens));
  const predictedTokens = sum(figures.map((each) => each.predictedTokens));
  const rates = figures.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
  const rate = `${(sum(rates) / rates.length).toFixed(0)} tokens/s`;
  return [
    names.engineName,
    names.modelName,
    `${promptTokens} prompt + ${predictedTokens} answer tokens`,
    rates.length === 0 ? "too few tokens for a rate" : rate,
  ].join(" · ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
