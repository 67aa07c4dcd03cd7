/** What every invocation asks: the same each time, with much to say, so that few answers end early. */
const prompt =
  "User: Explain in detail, step by step, how a bicycle is built and what each of its parts is for.\n\nAssistant:";

/** The request for a number of tokens: greedy, and nothing ends it but the model itself. */
export function benchmarkRequest(tokens: number) {
  return { prompt, n_predict: tokens, temperature: 0 };
}
