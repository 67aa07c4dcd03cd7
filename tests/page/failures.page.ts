import { type ScriptedAnswer, ScriptedChat } from "./scripted-chat.ts";

const chat = new ScriptedChat();
const asked = (...contents: string[]) => contents.map((content) => ({ role: "user", content }));

describe("New chat during an answer", () => {
  it("closes the request and leaves no text of it in the new conversation", async () => {
    const old = await chat.begin("An old question", "An old answer");

    await chat.click("#reset");
    await old.closed;
    const { messages } = await chat.answer("A new question", "A new answer");

    expect(messages).toEqual(asked("A new question"));
    expect(await chat.texts(".user, .assistant")).toEqual(["A new question", "A new answer"]);
  });

  it("leaves an answer that is asked for at once alone", async () => {
    await chat.begin("An old question", "An old answer");

    await chat.evaluate(
      `document.getElementById("reset").click(), document.getElementById("prompt").focus()`,
    );
    const answer = await chat.begin("A new question", "A new");

    expect(await chat.texts("#stop")).toEqual(["Stop"]);
    await chat.end(answer, " answer");
    expect(await chat.texts(".assistant")).toEqual(["A new answer"]);
  });
});

describe("a failed request", () => {
  it("is not part of what later questions send", async () => {
    await chat.refuse("A question that fails", 500, "the engine failed");

    const { messages } = await chat.answer("A question that works", "");

    expect(messages).toEqual(asked("A question that works"));
  });

  it("is sent again by a button, without typing the question again", async () => {
    await chat.refuse("A question", 500, "the engine failed");

    await chat.click(".retry");
    const { messages } = await chat.end(await chat.nextAnswer(), "An answer");

    expect(messages).toEqual(asked("A question"));
    expect(await chat.texts(".user, .assistant, .error")).toEqual(["A question", "An answer"]);
  });

  it("gives the question back to be edited", async () => {
    await chat.refuse("A question with a mistke", 400, "messages: too long");

    await chat.click(".edit");

    expect(await chat.values("prompt")).toEqual(["A question with a mistke"]);
    expect(await chat.focused()).toBe("prompt");
    expect(await chat.texts(".user, .error")).toEqual([]);
  });

  it.each([
    [400, "top_k: must be 0 to 1000", "", "The request was refused: top_k: must be 0 to 1000"],
    [429, "64 wait", "5", "The model is busy with other requests. Try again in 5 seconds."],
    [503, "loading", "1", "The model is not available. Try again in 1 second."],
    [500, "the engine failed", "", "The server failed (status 500): the engine failed"],
  ])("with status %i says what went wrong", async (status, message, retryAfter, shown) => {
    await chat.refuse("Hi", status, message, retryAfter && { "retry-after": retryAfter });

    expect((await chat.texts(".error"))[0]).toContain(shown);
    expect(await chat.texts("#status")).toEqual(["Failed"]);
  });

  it("with an answer of another kind, as of a proxy, shows its status", async () => {
    const { response } = await chat.ask("Hi");
    response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad</h1>");
    await chat.untilIdle();

    expect((await chat.texts(".error"))[0]).toContain("The server failed (status 502).");
  });

  it("with status 401 opens the settings at the key, and is sent again from there", async () => {
    await chat.refuse("Hi", 401, "send the API key");

    expect((await chat.texts(".error"))[0]).toContain("needs an API key");
    expect(await chat.focused()).toBe("key");
    await chat.enter("secret");
    await chat.end(await chat.nextAnswer());
    expect(await chat.texts(".error, #settings")).toEqual([]);
  });

  it("with status 401 and a wrong key says that the key was refused", async () => {
    await chat.fill({ key: "wrong" });

    await chat.refuse("Hi", 401, "send the API key");

    expect((await chat.texts(".error"))[0]).toContain("refused the API key");
  });

  it("says that the server is gone", async () => {
    const { url, close } = await chat.serve();
    await chat.open(url);
    await close();

    await chat.submit("Hi");
    await chat.untilIdle();

    expect((await chat.texts(".error"))[0]).toContain("The server cannot be reached");
  });
});

describe("an answer that breaks off", () => {
  it.each<[string, (answer: ScriptedAnswer) => void, string]>([
    ["the connection is lost", ({ response }) => response.destroy(), "The connection was lost"],
    ["the stream ends too early", ({ response }) => response.end(), "The connection was lost"],
    ["the engine fails", (answer) => answer.endWithError("the engine failed"), "the engine failed"],
  ])("keeps its text and says why when %s", async (_, breakOff, shown) => {
    breakOff(await chat.begin("Hi", "Half an"));
    await chat.untilIdle();

    expect(await chat.texts(".assistant, .retry")).toEqual(["Half an", "Try again"]);
    expect((await chat.texts(".error"))[0]).toContain(shown);
  });

  it("keeps its text after Escape, and later questions send it", async () => {
    const stopped = await chat.begin("Hi", "Half an");
    await chat.press("Escape");
    await stopped.closed;
    await chat.untilIdle();
    expect(await chat.texts("#status")).toEqual(["Stopped"]);

    const { messages } = await chat.answer("Go on", "");

    expect(messages.map(({ content }) => content)).toEqual(["Hi", "Half an", "Go on"]);
  });
});
