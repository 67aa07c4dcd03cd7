import type { Expectations } from "../build/golden-expectations.ts";
import type { RemoteAnswer } from "./answer-schema.ts";
import type { RemoteSession } from "./remote-session.ts";

/** One thing that a deployed function must do. */
export interface RemoteCheck {
  readonly title: string;
  /** What is wrong; empty when the check passes. */
  problems(session: RemoteSession): Promise<readonly string[]>;
}

/** The original project's three prompts, with its lengths. */
const originalPrompts = [
  { title: "greeting", text: "Hello! How are you today?", n_predict: 15 },
  { title: "joke", text: "Tell me a joke about programming.", n_predict: 25 },
  { title: "code", text: "Write a Python function to calculate fibonacci numbers.", n_predict: 30 },
] as const;

const rawPrompt = (text: string) => `User: ${text}\n\nAssistant:`;

/** One question, so that only the settings can make a difference. */
const content = "What is the capital of France?";
const question = { prompt: rawPrompt(content), n_predict: 24 };
const greedy = { ...question, temperature: 0, repeat_penalty: 1 };
/** As random as the bounds allow: no token is cut off and chances are nearly even. */
const wild = { ...question, temperature: 2, top_k: 0, top_p: 1, min_p: 0, repeat_penalty: 1 };

/** A problem, where there is one. */
const problem = (isThere: boolean, text: string) => (isThere ? [text] : []);
const noText = ({ content }: RemoteAnswer) => problem(content.trim() === "", "no text");
const tooLong = ({ tokens_predicted: tokens }: RemoteAnswer, limit: number) =>
  problem(tokens > limit, `${tokens} tokens`);
const different = (what: string, got: unknown, expected: unknown) =>
  problem(
    got !== expected,
    `${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`,
  );

/**
 * The checks of `make test-remote`.
 *
 * @param expectations known answers of the golden model, for functions that run it
 */
export function remoteChecks(expectations: Expectations | undefined): RemoteCheck[] {
  return [
    ...originalPrompts.map(originalCheck),
    ...parameterChecks,
    languageCheck(expectations),
    ...badRequests.map(badRequestCheck),
  ];
}

function originalCheck({ title, text, n_predict }: (typeof originalPrompts)[number]): RemoteCheck {
  return {
    title: `answers the original prompt: ${title}`,
    async problems(session) {
      const answer = await session.ask(title, { prompt: rawPrompt(text), n_predict });
      return [...noText(answer), ...tooLong(answer, n_predict)];
    },
  };
}

const parameterChecks: readonly RemoteCheck[] = [
  {
    title: "is warm the second time",
    async problems(session) {
      return problem((await session.ask("warm", greedy)).cold_start, "cold_start is true");
    },
  },
  {
    title: "accepts messages",
    async problems(session) {
      const messages = [{ role: "user", content }];
      return noText(await session.ask("messages", { messages, n_predict: 24 }));
    },
  },
  {
    title: "temperature 0: the same text every time, whatever the seed",
    async problems(session) {
      const first = await session.ask("greedy", { ...greedy, seed: 1 });
      const second = await session.ask("greedy", { ...greedy, seed: 2 });
      return different("text", second.content, first.content);
    },
  },
  {
    title: "seed: the same text for the same seed",
    async problems(session) {
      const first = await session.ask("seed 7", { ...wild, seed: 7 });
      const second = await session.ask("seed 7", { ...wild, seed: 7 });
      const texts = different("text", second.content, first.content);
      return [...texts, ...different("seed", second.seed, 7)];
    },
  },
  {
    title: "seed: another text for another seed",
    async problems(session) {
      const texts = new Set<string>();
      for (const seed of [1, 2, 3]) {
        texts.add((await session.ask(`seed ${seed}`, { ...wild, seed })).content);
      }
      return problem(texts.size === 1, "three seeds, one text");
    },
  },
  ...[1, 5].map((n_predict): RemoteCheck => {
    const name = `n_predict ${n_predict}`;
    return {
      title: `${name}: no more tokens than that`,
      async problems(session) {
        const answer = await session.ask(name, { ...greedy, n_predict });
        const isShorter = answer.tokens_predicted < n_predict;
        const isWrong = isShorter && answer.finish_reason === "length";
        const reason = problem(isWrong, "finish_reason is length below the length");
        return [...tooLong(answer, n_predict), ...reason];
      },
    };
  }),
  // Each of these leaves only the best token to choose from.
  ...[{ top_k: 1 }, { top_p: 0 }, { min_p: 1 }].map((settings): RemoteCheck => {
    const name = Object.keys(settings).join();
    return {
      title: `${name}: the greedy text at any temperature when only the best is left`,
      async problems(session) {
        const expected = await session.ask("greedy", greedy);
        const got = await session.ask(name, { ...wild, ...settings });
        return different("text", got.content, expected.content);
      },
    };
  }),
  {
    title: "repeat_penalty: another text when repeating costs",
    async problems(session) {
      const plain = await session.ask("greedy", greedy);
      const penalized = await session.ask("penalty 2", { ...greedy, repeat_penalty: 2 });
      return problem(penalized.content === plain.content, "the same text with 1 and with 2");
    },
  },
  {
    title: "stop: ends before the string",
    async problems(session) {
      const whole = (await session.ask("greedy", greedy)).content;
      const stop = whole.trim().split(/\s+/).at(-1) ?? "";
      const answer = await session.ask("stop", { ...greedy, stop: [stop] });
      return [
        ...different("text", answer.content, whole.slice(0, whole.indexOf(stop))),
        ...different("finish_reason", answer.finish_reason, "stop_sequence"),
      ];
    },
  },
  {
    title: "returns the effective settings",
    async problems(session) {
      const sampling = { temperature: 0.5, top_p: 0.8, top_k: 7, repeat_penalty: 1.2, min_p: 0.1 };
      const settings = { n_predict: 2, seed: 11, ...sampling };
      const { generation_settings } = await session.ask("settings", { ...question, ...settings });
      return Object.entries(settings).flatMap(([name, value]) =>
        different(name, generation_settings[name], value),
      );
    },
  },
];

function languageCheck(expectations: Expectations | undefined): RemoteCheck {
  return {
    title: "writes language, and the known answers where the model is the golden one",
    async problems(session) {
      const answer = await session.ask("language", { ...greedy, n_predict: 48 });
      const isGolden = expectations !== undefined && /golden/i.test(answer.model);
      return isGolden ? goldenProblems(session, expectations) : proseProblems(answer.content);
    },
  };
}

/** Golden questions asked: enough to catch a wrong engine, few enough to be cheap. */
const goldenQuestions = 24;

/** Every useful model knows the capital of France; a wrong kernel writes noise. */
function proseProblems(text: string): string[] {
  return problem(!/Paris/.test(text), `does not know Paris: ${JSON.stringify(text)}`);
}

async function goldenProblems(session: RemoteSession, { cases }: Expectations): Promise<string[]> {
  const problems: string[] = [];
  const stride = Math.ceil(cases.length / goldenQuestions);
  for (const { prompt, answer, margins } of cases.filter((_, index) => index % stride === 0)) {
    const n_predict = margins.length + 8;
    const got = await session.ask("golden", { ...greedy, prompt, n_predict });
    problems.push(...different("golden answer", got.content, answer));
  }
  return problems;
}

const badRequests: readonly { readonly event: unknown; readonly path: string }[] = [
  { event: {}, path: "prompt" },
  { event: { prompt: 5 }, path: "prompt" },
  { event: { prompt: "Hi", messages: [{ role: "user", content: "Hi" }] }, path: "messages" },
  { event: { prompt: "Hi", n_predict: 0 }, path: "n_predict" },
  { event: { prompt: "Hi", temperature: 2.1 }, path: "temperature" },
  { event: { prompt: "Hi", top_p: "0.9" }, path: "top_p" },
  { event: { prompt: "Hi", top_k: 1.5 }, path: "top_k" },
  { event: { prompt: "Hi", repeat_penalty: 0 }, path: "repeat_penalty" },
  { event: { prompt: "Hi", temprature: 1 }, path: "temprature" },
  { event: { messages: [{ role: "nobody", content: "Hi" }] }, path: "messages[0].role" },
  { event: "no JSON", path: "event" },
];

function badRequestCheck({ event, path }: (typeof badRequests)[number]): RemoteCheck {
  return {
    title: `refuses ${JSON.stringify(event)} with 400`,
    async problems(session) {
      const paths = await session.refuse(event);
      return problem(!paths.includes(path), `refused for ${paths.join(", ")}, not for ${path}`);
    },
  };
}
