import { leftOut } from "../../../runtime/echoes.ts";
import { AppError } from "../../../runtime/errors.ts";
import { generate } from "../../../runtime/generate.ts";
import type { GenerationSettings } from "../../../runtime/generation.ts";
import { createRecentRequests, type RecentRequests } from "../../../runtime/recent-requests.ts";
import { collect, never } from "../../helpers/collect.ts";
import { type Script, scriptedEngine } from "../../helpers/fakes/scripted-engine.ts";
import { requestOf } from "../../helpers/requests.ts";

function ask(
  recent: RecentRequests,
  prompt: string,
  script: Script,
  settings: Partial<GenerationSettings> = {},
) {
  const request = requestOf(prompt, settings);
  const limits = { signal: never(), timeMs: 60_000 };
  return collect(recent.watch(request, generate(scriptedEngine(script), request, limits)));
}

const failing = (stderrTail: string, cause?: unknown) => ({
  pieces: ["the answer so far"],
  error: new AppError("engine-failed", "it crashed", { stderrTail, exitCode: 1, cause }),
});

describe("recent requests", () => {
  it("leave an answer as it is", async () => {
    const { pieces, end } = await ask(createRecentRequests(), "a prompt", { pieces: ["a", "b"] });

    expect(pieces).toEqual(["a", "b"]);
    expect(end.finishReason).toBe("stop");
  });

  it.each([
    ["prompt", "a prompt of some words"],
    ["grammar", 'root ::= "a grammar of some words"'],
    ["stop string", "until some words come"],
    ["answer", "the answer so far"],
  ])("are not repeated by a failure: the %s", async (_name, words) => {
    const asked = ask(
      createRecentRequests(),
      "a prompt of some words",
      failing(`loading\n${words}\nassertion failed`, new Error(`at ${words}`)),
      { grammar: 'root ::= "a grammar of some words"', stop: ["until some words come"] },
    );

    await expect(asked).rejects.toMatchObject({
      kind: "engine-failed",
      message: "it crashed",
      details: { stderrTail: `loading\n${leftOut}\nassertion failed`, exitCode: 1 },
      cause: { message: leftOut },
    });
  });

  it("are not repeated by what nobody foresaw", async () => {
    const error = new TypeError("cannot take 'a prompt of some words'");

    const asked = ask(createRecentRequests(), "a prompt of some words", { error });

    await expect(asked).rejects.toMatchObject({ message: leftOut, cause: { message: leftOut } });
  });

  it("are remembered beyond their end, but not for ever", async () => {
    const recent = createRecentRequests();
    await ask(recent, "the oldest prompt of all", {});
    for (let count = 0; count < 6; count++) await ask(recent, `prompt number ${count} of six`, {});
    const tail = "the oldest prompt of all\nprompt number 5 of six\nfailed";

    const eighth = ask(recent, "a prompt", failing(tail));
    await expect(eighth).rejects.toMatchObject({
      details: { stderrTail: `${leftOut}\nfailed` },
    });
    const ninth = ask(recent, "a prompt", failing(tail));
    await expect(ninth).rejects.toMatchObject({
      details: { stderrTail: `the oldest prompt of all\n${leftOut}\nfailed` },
    });
  });

  it("pass on an error that holds no words of the engine", async () => {
    const error = new AppError("context-exceeded", "the prompt has 9 tokens");

    await expect(ask(createRecentRequests(), "the prompt has 9 tokens", { error })).rejects.toBe(
      error,
    );
  });
});
