import type { Expectations } from "../../../../scripts/build/golden-expectations.ts";
import { remoteChecks } from "../../../../scripts/remote/remote-checks.ts";
import type { RemoteFunction } from "../../../../scripts/remote/remote-function.ts";
import { RemoteSession } from "../../../../scripts/remote/remote-session.ts";
import { remoteFunction } from "../../../helpers/remote-answers.ts";

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

  it.each<[string, Parameters<typeof remoteFunction>[0], string]>([
    [
      "that ignores the seed",
      (a, s) => ({ ...a, content: s.temperature === 2 ? "x" : a.content }),
      "seed",
    ],
    [
      "that draws its own seed",
      (a, s) => ({ ...a, content: s.temperature === 2 ? String(Math.random()) : a.content }),
      "seed",
    ],
    [
      "that is random at temperature 0",
      (a, s) => ({ ...a, content: s.temperature === 0 ? String(Math.random()) : a.content }),
      "temperature 0",
    ],
    ["that says more than n_predict", (a) => ({ ...a, tokens_predicted: 99 }), "n_predict 1"],
    [
      "that calls every end a length",
      (a) => ({ ...a, tokens_predicted: 0, finish_reason: "length" }),
      "n_predict 5",
    ],
    ["that ignores top_k", (a, s) => ({ ...a, content: s.top_k === 1 ? "x" : a.content }), "top_k"],
    ["that ignores top_p", (a, s) => ({ ...a, content: s.top_p === 0 ? "x" : a.content }), "top_p"],
    ["that ignores min_p", (a, s) => ({ ...a, content: s.min_p === 1 ? "x" : a.content }), "min_p"],
    [
      "that ignores repeat_penalty",
      (a, s) => ({ ...a, content: s.temperature === 0 ? "The is Paris x" : a.content }),
      "repeat_penalty",
    ],
    ["that ignores stop", (a) => ({ ...a, finish_reason: "stop" }), "stop"],
    [
      "that returns no settings",
      (a) => ({ ...a, generation_settings: { seed: 1 } }),
      "returns the effective settings",
    ],
    ["that is always cold", (a) => ({ ...a, cold_start: true }), "is warm the second time"],
    [
      "that writes noise",
      (a) => ({ ...a, content: "\u0001\u0002 GcPFsPnNYkQ" }),
      "writes language, and the known answers where the model is the golden one",
    ],
    ["that says nothing", (a) => ({ ...a, content: " " }), "answers the original prompt"],
    ["of another shape", (a) => ({ ...a, tokens: 1 }), "accepts messages"],
  ])("fail a function %s", async (_name, change, title) => {
    expect(await failed(remoteFunction(change))).toContain(title);
  });

  it("fail a function that accepts anything", async () => {
    const right = remoteFunction();
    const call: RemoteFunction = async () => right({ prompt: "Hi" });

    const titles = await failed(call);

    expect(titles.filter((title) => title.startsWith("refuses"))).toHaveLength(11);
  });

  it("hold the golden model to its known answers", async () => {
    const expectations: Expectations = {
      modelSha256: "0".repeat(64),
      minimumMargin: 1,
      cases: [
        { form: "raw", prompt: "Hi", promptTokens: [1], answer: "Another answer", margins: [2, 2] },
      ],
    };
    const golden = remoteFunction((answer) => ({ ...answer, model: "golden" }));

    expect(await failed(golden, expectations)).toEqual([
      "writes language, and the known answers where the model is the golden one",
    ]);
    expect(await failed(remoteFunction(), expectations)).toEqual([]);
  });
});
