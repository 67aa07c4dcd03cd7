import { llamaCliArguments } from "../../../../runtime/engine/llama-cli/arguments.ts";
import type { GenerationRequest } from "../../../../runtime/generation.ts";
import {
  chatBody,
  chunksOf,
  completionBody,
  jsonOf,
  scriptedApp,
} from "../../../helpers/http-app.ts";

const chat = "/v1/chat/completions";
const completions = "/v1/completions";

/** A token whose probability is a half, with one candidate beside it. */
const token = (text: string) => {
  const half = (name: string) => ({ token: name, bytes: [...Buffer.from(name)], logprob: -0.69 });
  return { ...half(text), candidates: [half(text), half("other")] };
};
const withTokens = [
  { text: "one ", tokens: [token("one"), token(" ")] },
  { text: "two", tokens: [token("two")] },
];

describe("logprobs", () => {
  const app = () => scriptedApp({ engine: "llama-server", pieces: withTokens });
  const entry = (text: string) => {
    const { candidates, ...rest } = token(text);
    return { ...rest, top_logprobs: candidates };
  };

  it("of a chat are its tokens with the candidates in their place", async () => {
    const answer = await jsonOf(app().post(chat, { ...chatBody, logprobs: true, top_logprobs: 2 }));

    expect(answer.choices[0].logprobs).toEqual({
      content: [entry("one"), entry(" "), entry("two")],
      refusal: null,
    });
  });

  it("of a completion are lists, with the place of each token", async () => {
    const answer = await jsonOf(app().post(completions, { ...completionBody, logprobs: 2 }));

    expect(answer.choices[0].logprobs).toEqual({
      tokens: ["one", " ", "two"],
      token_logprobs: [-0.69, -0.69, -0.69],
      top_logprobs: ["one", " ", "two"].map((text) => ({ [text]: -0.69, other: -0.69 })),
      text_offset: [0, 3, 4],
    });
  });

  it.each([
    [chat, { ...chatBody, logprobs: true }, [["one", " "], ["two"]]],
    [completions, { ...completionBody, logprobs: 0 }, [[0, 3], [4]]],
  ])("come with each chunk of %s", async (path, body, expected) => {
    const chunks = await chunksOf(app().post(path, { ...body, stream: true }));

    const logprobs = chunks.map(({ choices }) => choices[0].logprobs).filter(Boolean);
    expect(
      logprobs.map(
        ({ content, text_offset }) =>
          text_offset ?? content.map((each: { token: string }) => each.token),
      ),
    ).toEqual(expected);
  });

  it("end where a stop string begins", async () => {
    const answer = await jsonOf(app().post(chat, { ...chatBody, logprobs: true, stop: "two" }));

    expect(answer.choices[0]).toMatchObject({
      message: { content: "one " },
      logprobs: { content: [{ token: "one" }, { token: " " }] },
    });
  });

  it.each([
    [chat, { ...chatBody, logprobs: true }],
    [completions, { ...completionBody, logprobs: 1 }],
  ])("need the resident engine at %s", async (path, body) => {
    const response = await scriptedApp({ engine: "llama-cli" }).post(path, body);

    expect(response.status).toBe(400);
    expect((await jsonOf(response)).error).toMatchObject({
      message: "logprobs: needs the resident engine: deploy with BITNET_ENGINE=llama-server",
      param: "logprobs",
    });
  });
});

describe("n", () => {
  const app = (requests: GenerationRequest[] = []) =>
    scriptedApp({ pieces: ["one ", "two"], onRequest: (request) => requests.push(request) });

  it("gives so many choices, whose seeds count up, and their tokens together", async () => {
    const requests: GenerationRequest[] = [];

    const answer = await jsonOf(app(requests).post(chat, { ...chatBody, n: 3, seed: 2 ** 32 - 3 }));

    expect(answer.choices).toMatchObject(
      [0, 1, 2].map((index) => ({ index, message: { content: "one two" } })),
    );
    expect(answer.usage).toEqual({ prompt_tokens: 30, completion_tokens: 6, total_tokens: 36 });
    expect(requests.map(({ settings }) => settings.seed)).toEqual([2 ** 32 - 3, 2 ** 32 - 2, 0]);
  });

  it("streams them one after the other, with their index and one count at the end", async () => {
    const options = { stream: true, stream_options: { include_usage: true } };

    const chunks = await chunksOf(app().post(chat, { ...chatBody, n: 2, ...options }));

    expect(chunks.slice(0, -1).map(({ choices }) => choices[0].index)).toEqual([
      0, 0, 0, 0, 1, 1, 1, 1,
    ]);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 30, completion_tokens: 4 },
    });
  });
});

describe("continuous_usage_stats", () => {
  it("puts the counts so far into each chunk", async () => {
    const pieces = ["one ", "two"].map((text) => ({ text, promptTokens: 30 }));
    const stream_options = { include_usage: true, continuous_usage_stats: true };
    const body = { ...chatBody, stream: true, stream_options };

    const chunks = await chunksOf(scriptedApp({ pieces }).post(chat, body));

    const counts = chunks.map(({ usage }) => [usage.prompt_tokens, usage.completion_tokens]);
    expect(counts).toEqual([
      [0, 0],
      [30, 1],
      [30, 2],
      [30, 2],
      [30, 2],
    ]);
  });
});

describe("logit_bias", () => {
  it("reaches the engine, and llama-cli as a flag for each token", async () => {
    const requests: GenerationRequest[] = [];
    const app = scriptedApp({ onRequest: (request) => requests.push(request) });

    await app.post(chat, { ...chatBody, logit_bias: { 15043: 1, 7: -0.5 } });

    expect(requests[0]?.settings.logit_bias).toEqual([
      [7, -0.5],
      [15043, 1],
    ]);
    const config = { modelPath: "m", contextTokens: 64, threads: 1 };
    const flags = llamaCliArguments(requests[0] as GenerationRequest, config);
    expect(flags.join(" ")).toContain("--logit-bias 7-0.5 --logit-bias 15043+1");
  });
});

describe("system_fingerprint", () => {
  it.each([
    [chat, chatBody],
    [completions, completionBody],
  ])("names engine and model in each answer and chunk of %s", async (path, body) => {
    const { post } = scriptedApp({ fingerprint: "fp_1_2" });

    const answer = await jsonOf(post(path, body));
    const chunks = await chunksOf(post(path, { ...body, stream: true }));

    const fingerprints = [answer, ...chunks].map((each) => each.system_fingerprint);
    expect(new Set(fingerprints)).toEqual(new Set(["fp_1_2"]));
  });
});
