import OpenAI from "openai";
import { serveApplication } from "../helpers/http-server.ts";
import { goldenModel } from "../helpers/reference.ts";

/** A question that the golden model answers greedily in several pieces. */
export const question = "What is the capital of France?";
export const answer = "The capital of France is Paris.";
export const messages = [{ role: "user" as const, content: question }];

/** What the golden model answers as it was trained to: greedily, without a penalty. */
export const greedy = { model: "golden", temperature: 0, repeat_penalty: 1 } as const;

/** OpenAI's own client of a server. */
export function openAiClient(url: string, { maxRetries = 0 } = {}) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries });
}

/** The application on the golden model, served for the tests of a `describe`; its address. */
export function servedGolden(variables: Record<string, string>): () => string {
  let served: Awaited<ReturnType<typeof serveApplication>>;
  beforeAll(async () => {
    served = await serveApplication({ ...variables, BITNET_MODEL: goldenModel });
    await served.application.engine.settled();
  });
  afterAll(() => served.close());
  return () => served.url;
}
