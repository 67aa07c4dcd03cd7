import { ChatPage } from "./chat-page.ts";
import { ScriptedPages } from "./scripted-pages.ts";
import { ScriptedServer } from "./scripted-server.ts";

jest.setTimeout(60_000);

const pages = new ScriptedPages();
const { server, browser } = pages;
let page: ChatPage;

beforeEach(async () => {
  page = await pages.open();
});

/** Asks, and writes the beginning of the answer. */
async function begin(question: string, beginning: string) {
  await page.ask(question);
  const answer = await server.nextAnswer();
  answer.write(beginning);
  await page.until(`document.body.textContent.includes(${JSON.stringify(beginning)})`);
  return answer;
}

describe("New chat during an answer", () => {
  it("closes the request and leaves no text of it in the new conversation", async () => {
    const old = await begin("An old question", "An old answer");

    await page.click("#reset");
    await old.closed;
    await page.ask("A new question");
    const answer = await server.nextAnswer();
    answer.write("A new answer");
    answer.end();
    await page.untilIdle();

    expect(answer.messages).toEqual([{ role: "user", content: "A new question" }]);
    expect(await page.texts(".user, .assistant")).toEqual(["A new question", "A new answer"]);
  });

  it("leaves an answer that is asked for at once alone", async () => {
    await begin("An old question", "An old answer");

    await page.evaluate(
      `document.getElementById("reset").click(), document.getElementById("prompt").focus()`,
    );
    const answer = await begin("A new question", "A new");

    expect(await page.texts("#stop")).toEqual(["Stop"]);
    answer.write(" answer");
    answer.end();
    await page.untilIdle();
    expect(await page.texts(".assistant")).toEqual(["A new answer"]);
  });
});

describe("a failed request", () => {
  it("is not part of what later questions send", async () => {
    await page.ask("A question that fails");
    (await server.nextAnswer()).refuse(500, "the engine failed");
    await page.untilIdle();

    await page.ask("A question that works");
    const answer = await server.nextAnswer();
    answer.end();
    await page.untilIdle();

    expect(answer.messages).toEqual([{ role: "user", content: "A question that works" }]);
  });

  it("is sent again by a button, without typing the question again", async () => {
    await page.ask("A question");
    (await server.nextAnswer()).refuse(500, "the engine failed");
    await page.untilIdle();

    await page.click(".retry");
    const answer = await server.nextAnswer();
    answer.write("An answer");
    answer.end();
    await page.untilIdle();

    expect(answer.messages).toEqual([{ role: "user", content: "A question" }]);
    expect(await page.texts(".user, .assistant, .error")).toEqual(["A question", "An answer"]);
  });

  it("gives the question back to be edited", async () => {
    await page.ask("A question with a mistke");
    (await server.nextAnswer()).refuse(400, "messages: too long");
    await page.untilIdle();

    await page.click(".edit");

    expect(await page.evaluate(`document.getElementById("prompt").value`)).toBe(
      "A question with a mistke",
    );
    expect(await page.evaluate(`document.activeElement.id`)).toBe("prompt");
    expect(await page.texts(".user, .error")).toEqual([]);
  });

  it.each([
    [400, "top_k: must be 0 to 1000", {}, "The request was refused: top_k: must be 0 to 1000"],
    [
      429,
      "64 requests wait",
      { "retry-after": "5" },
      "The model is busy with other requests. Try again in 5 seconds.",
    ],
    [503, "loading", { "retry-after": "1" }, "The model is not available. Try again in 1 second."],
    [500, "the engine failed", {}, "The server failed (status 500): the engine failed"],
  ])("with status %i says what went wrong", async (status, message, headers, shown) => {
    await page.ask("Hi");
    (await server.nextAnswer()).refuse(status, message, headers);
    await page.untilIdle();

    expect((await page.texts(".error"))[0]).toContain(shown);
    expect(await page.texts("#status")).toEqual(["Failed"]);
  });

  it("with status 401 opens the settings at the key, and is sent again from there", async () => {
    await page.ask("Hi");
    (await server.nextAnswer()).refuse(401, "send the API key");
    await page.untilIdle();

    expect((await page.texts(".error"))[0]).toContain("needs an API key");
    expect(await page.evaluate(`document.activeElement.id`)).toBe("key");
    await page.browserPage.type("secret");
    await page.browserPage.press("Enter", "\r");
    (await server.nextAnswer()).end();
    await page.untilIdle();
    expect(await page.texts(".error, #settings")).toEqual([]);
  });

  it("with status 401 and a wrong key says that the key was refused", async () => {
    await page.fill("key", "wrong");

    await page.ask("Hi");
    (await server.nextAnswer()).refuse(401, "send the API key");
    await page.untilIdle();

    expect((await page.texts(".error"))[0]).toContain("refused the API key");
  });

  it("with an answer of another kind shows its status", async () => {
    await page.ask("Hi");
    (await server.nextAnswer()).refuseInHtml(502);
    await page.untilIdle();

    expect((await page.texts(".error"))[0]).toContain("The server failed (status 502).");
  });
});

describe("an answer that breaks off", () => {
  it.each([
    ["the connection is lost", (answer) => answer.cut(), "The connection was lost"],
    ["the stream ends too early", (answer) => answer.endEarly(), "The connection was lost"],
    ["the engine fails", (answer) => answer.endWithError("the engine failed"), "the engine failed"],
  ] as [string, (answer: Awaited<ReturnType<typeof begin>>) => void, string][])(
    "keeps its text and says why when %s",
    async (_, breakOff, shown) => {
      const answer = await begin("Hi", "Half an");
      breakOff(answer);
      await page.untilIdle();

      expect(await page.texts(".assistant")).toEqual(["Half an"]);
      expect((await page.texts(".error"))[0]).toContain(shown);
      expect(await page.texts(".retry")).toEqual(["Try again"]);
    },
  );

  it("keeps its text after Escape, and later questions send it", async () => {
    const stopped = await begin("Hi", "Half an");
    await page.browserPage.press("Escape");
    await stopped.closed;
    await page.untilIdle();
    await page.ask("Go on");
    const answer = await server.nextAnswer();
    answer.end();
    await page.untilIdle();

    expect(answer.messages.map(({ content }) => content)).toEqual(["Hi", "Half an", "Go on"]);
  });
});

describe("a server that is gone", () => {
  it("is named as such", async () => {
    const gone = new ScriptedServer();
    const lonely = await ChatPage.open(browser, await gone.start());
    await gone.close();

    await lonely.ask("Hi");
    await lonely.untilIdle();

    expect((await lonely.texts(".error"))[0]).toContain("The server cannot be reached");
    await lonely.close();
  });
});
