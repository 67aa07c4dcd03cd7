import type { GenerationSettings } from "../../../../runtime/generation.ts";
import type { Expectations } from "../../../../scripts/build/golden-expectations.ts";
import { remoteChecks } from "../../../../scripts/remote/remote-checks.ts";
import type { RemoteFunction } from "../../../../scripts/remote/remote-function.ts";
import { RemoteSession } from "../../../../scripts/remote/remote-session.ts";
import { remoteFunction } from "../../../helpers/remote-answers.ts";

type Fault = NonNullable<Parameters<typeof remoteFunction>[0]>;

const languageTitle = "writes language, and the known answers where the model is the golden one";

/** Titles of the checks that a function fails. */
async function failed(call: RemoteFunction, expectations?: Expectations): Promise<string[]> {
  const session = new RemoteSession(call);
  const titles: string[] = [];
  for (const { title, problems } of remoteChecks(expectations)) {
    const found = await problems(session).catch((error: Error) => [error.message]);
    if (found.length > 0) titles.push(title.split(":")[0] ?? "");
  }
  return titles;
}

describe("the remote checks", () => {
  it("pass a function that keeps the contract", async () => {
    expect(await failed(remoteFunction())).toEqual([]);
  });

  /** Other words at some settings. */
  const saying =
    (isMeant: (settings: GenerationSettings) => boolean, text: () => string): Fault =>
    (answer, settings) => ({ ...answer, content: isMeant(settings) ? text() : answer.content });
  const noise = () => String(Math.random());
  const x = () => "x";

  it.each<[string, Fault, string]>([
    ["ignores the seed", saying(({ temperature }) => temperature === 2, x), "seed"],
    ["draws its own seed", saying(({ temperature }) => temperature === 2, noise), "seed"],
    ["is random at 0", saying(({ temperature }) => temperature === 0, noise), "temperature 0"],
    ["ignores n_predict", (a) => ({ ...a, tokens_predicted: 99 }), "n_predict 1"],
    [
      "calls every end a length",
      (a) => ({ ...a, tokens_predicted: 0, finish_reason: "length" }),
      "n_predict 5",
    ],
    ["ignores top_k", saying(({ top_k }) => top_k === 1, x), "top_k"],
    ["ignores top_p", saying(({ top_p }) => top_p === 0, x), "top_p"],
    ["ignores min_p", saying(({ min_p }) => min_p === 1, x), "min_p"],
    ["ignores repeat_penalty", saying(({ temperature }) => temperature === 0, x), "repeat_penalty"],
    ["ignores stop", (a) => ({ ...a, finish_reason: "stop" }), "stop"],
    [
      "returns no settings",
      (a) => ({ ...a, generation_settings: { seed: 1 } }),
      "returns the effective settings",
    ],
    ["is always cold", (a) => ({ ...a, cold_start: true }), "is warm the second time"],
    ["writes noise", (a) => ({ ...a, content: "\u0001\u0002 GcPFsPnNYkQ" }), languageTitle],
    ["says nothing", (a) => ({ ...a, content: " " }), "answers the original prompt"],
    ["has another shape", (a) => ({ ...a, tokens: 1 }), "accepts messages"],
  ])("fail a function that %s", async (_name, change, title) => {
    expect(await failed(remoteFunction(change))).toContain(title);
  });

  it("fail a function that accepts anything", async () => {
    const right = remoteFunction();

    const titles = await failed(() => right({ prompt: "Hi" }));

    expect(titles.filter((title) => title.startsWith("refuses"))).toHaveLength(11);
  });

  it("hold the golden model to its known answers", async () => {
    const expectations: Expectations = {
      modelSha256: "0".repeat(64),
      minimumMargin: 1,
      cases: [{ form: "raw", prompt: "Hi", promptTokens: [1], answer: "Other", margins: [2, 2] }],
    };
    const golden = remoteFunction((answer) => ({ ...answer, model: "golden" }));

    expect(await failed(golden, expectations)).toEqual([languageTitle]);
    expect(await failed(remoteFunction(), expectations)).toEqual([]);
  });
});
