import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import {
  Chat,
  type ChatEvent,
  type ChatModel,
  type ChatOptions,
  type Turn,
} from "../../../../scripts/remote/chat.ts";

/** A model that repeats what it is sent; a question of "fail" fails, after some text or at once. */
function echoModel(sent: (readonly Turn[])[]): ChatModel {
  return {
    name: "echo",
    async *answer(turns): AsyncGenerator<ChatEvent> {
      sent.push(turns);
      const question = turns.at(-1)?.content ?? "";
      if (question === "fail") throw new Error("fetch failed", { cause: new Error("refused") });
      yield `you said: ${question}`;
      if (question === "break") throw new Error("the connection broke");
      yield { promptTokens: 1, predictedTokens: 2, tokensPerSecond: null };
    },
  };
}

/** A whole conversation: what was printed and what was sent. */
async function hold(lines: readonly string[], options: Partial<ChatOptions> = {}) {
  const sent: (readonly Turn[])[] = [];
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(lines.map((line) => `${line}\n`).join(""));
  const chat = new Chat({ model: echoModel(sent), input, output, ...options });
  await chat.hold();
  output.end();
  return { printed: await text(output), sent, figures: chat.figures };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

describe("Chat", () => {
  it("streams answers and sends the conversation so far", async () => {
    const { printed, sent, figures } = await hold(["one", "", "two"]);

    expect(printed).toContain("you said: one\n\n");
    expect(sent).toEqual([[user("one")], [user("one"), assistant("you said: one"), user("two")]]);
    expect(figures).toHaveLength(2);
  });

  it("starts with a system message, changes it and removes it", async () => {
    const lines = ["one", "/system be brief", "two", "/system", "three"];
    const { sent } = await hold(lines, { system: "be polite" });

    expect(sent.map(([first]) => first)).toEqual([
      { role: "system", content: "be polite" },
      { role: "system", content: "be brief" },
      user("one"),
    ]);
  });

  it("forgets the conversation on /reset and ends on /quit", async () => {
    const { sent } = await hold(["one", "/reset", "two", "/quit"]);

    expect(sent[1]).toEqual([user("two")]);
  });

  it("sends only as many questions as it may remember", async () => {
    const { sent } = await hold(["one", "two", "three"], { rememberedQuestions: 1 });

    expect(sent[2]).toEqual([user("two"), assistant("you said: two"), user("three")]);
  });

  it("lists its commands when one is unknown", async () => {
    const { printed, sent } = await hold(["/who"]);

    expect(printed).toContain("/system TEXT, /reset, /quit");
    expect(sent).toEqual([]);
  });

  it("prints the reason of a failure, and forgets a question that got no answer", async () => {
    const { printed, sent } = await hold(["fail", "break", "again"]);

    expect(printed).toContain("\n! refused\n");
    expect(printed).toContain("you said: break\n! the connection broke");
    expect(sent[2]).toEqual([user("break"), assistant("you said: break"), user("again")]);
  });
});
