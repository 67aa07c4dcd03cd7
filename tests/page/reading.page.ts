import { ScriptedChat } from "./scripted-server.ts";

const chat = new ScriptedChat();

const log = `document.getElementById("messages")`;
const lines = "A line of the answer.\n".repeat(80);
const isAtEnd = `${log}.scrollHeight - ${log}.scrollTop - ${log}.clientHeight <= 2`;

/** Asks and sends an answer that is longer than the window, but not its end. */
async function beginLongAnswer() {
  const answer = await chat.ask("Tell me a long story");
  answer.write(lines);
  await chat.page.until(`${log}.textContent.includes("A line") && ${isAtEnd}`);
  return answer;
}

async function scrollUp(): Promise<void> {
  await chat.page.evaluate(`${log}.scrollTop = 100`);
  await chat.page.until(`!document.getElementById("latest").hidden`);
}

describe("while an answer grows", () => {
  it("keeps its end in view", async () => {
    const answer = await beginLongAnswer();

    answer.write("The last line.");
    await chat.page.untilText("#messages", "The last line.");

    expect(await chat.page.evaluate(isAtEnd)).toBe(true);
  });

  it("stays where the reader has scrolled up to, until the end is asked for", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();

    await chat.end(answer, lines);

    expect(await chat.page.evaluate(`${log}.scrollTop`)).toBe(100);
    await chat.page.screenshot("scrolled-up");
    await chat.page.click("#latest");
    expect(await chat.page.evaluate(isAtEnd)).toBe(true);
    expect(await chat.page.texts("#latest")).toEqual([]);
  });

  it("keeps its end in view when the settings take some of the width", async () => {
    await chat.page.resize(667, 375, true);
    const answer = await chat.ask("Hi");
    answer.write("A line that is broken where the window gets narrow. ".repeat(40));
    await chat.page.until(`${log}.textContent.includes("broken") && ${isAtEnd}`);
    await chat.page.screenshot("answering");

    await chat.page.click("#toggle");
    await chat.page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");

    await chat.page.until(isAtEnd);
    expect(await chat.page.texts("#latest")).toEqual([]);
    answer.end();
  });

  it("follows again after the next question", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();
    await chat.end(answer);

    await chat.page.ask("And then?");

    expect(await chat.page.evaluate(isAtEnd)).toBe(true);
    (await chat.server.nextAnswer()).end();
  });

  it("keeps what the reader has selected", async () => {
    const answer = await beginLongAnswer();
    await chat.page.evaluate(`{
      const { firstChild } = document.querySelector(".assistant");
      getSelection().setBaseAndExtent(firstChild, 2, firstChild, 6);
    }`);

    await chat.end(answer, "More");

    expect(await chat.page.texts("#messages")).toEqual([expect.stringContaining("More")]);
    expect(await chat.page.evaluate(`getSelection().toString()`)).toBe("line");
  });
});

describe("the status line", () => {
  it("says whether the question is read, answered or done, and how fast", async () => {
    const answer = await chat.ask("Hi");
    expect(await chat.page.texts("#status")).toEqual(["Reading the question…"]);

    answer.write("Hello");
    await chat.page.untilText("#status", "Answering…");
    await chat.end(answer);

    expect(await chat.page.texts("#status, .note")).toEqual([
      "8 tokens · 12.5 tokens/s · first token after 250 ms · prompt 10 tokens · seed 7",
      "Done · 8 tokens · 12.5 tokens/s",
    ]);
  });

  it("waits for a model that is being loaded", async () => {
    const ready = chat.server.health;
    const error = { code: "engine-loading", message: "wait" };
    chat.server.health = { status: 503, body: { error } };

    await chat.page.reload();
    await chat.page.untilText("#status", "The model is being loaded…");
    chat.server.health = ready;

    await chat.page.untilText("#status", "Ready");
  });

  it("says that an answer was cut off at max tokens", async () => {
    await chat.answer("Hi", "Hello", "length");

    expect((await chat.page.texts(".note"))[0]).toMatch(/^reached max tokens · /);
  });

  it("gives screen readers a whole answer once, not every piece of it", async () => {
    await chat.page.evaluate(`globalThis.announced = [];
      new MutationObserver((records) => announced.push(...records.map(({ target }) => target.textContent)))
        .observe(document.querySelector("[role=status]"), { childList: true })`);

    const answer = await chat.ask("Hi");
    for (const piece of ["Hello", " dear", " world"]) answer.write(piece);
    await chat.end(answer);

    expect(await chat.page.evaluate("announced")).toEqual([
      "Reading the question…",
      "Hello dear world (Done · 8 tokens · 12.5 tokens/s)",
    ]);
    const live = `[aria-live], [role=status], [role=log], [role=alert]`;
    expect(await chat.page.evaluate(`document.querySelectorAll("${live}").length`)).toBe(1);
  });
});

describe("a reload", () => {
  it("keeps the conversation, and later questions send it", async () => {
    await chat.answer("Hi", "Hello");

    await chat.page.reload();

    expect(await chat.page.texts(".user, .assistant")).toEqual(["Hi", "Hello"]);
    const { messages } = await chat.answer("Go on", "");
    expect(messages.map(({ content }) => content)).toEqual(["Hi", "Hello", "Go on"]);
  });

  it("in the middle of an answer keeps what has come, and offers to try again", async () => {
    await chat.begin("Hi", "Half an");

    await chat.page.reload();

    expect(await chat.page.texts(".assistant, .retry")).toEqual(["Half an", "Try again"]);
  });

  it("keeps the settings, and the key for this tab alone", async () => {
    await chat.page.fill({ temperature: "0.25", system: "Be brief.", key: "secret" });

    await chat.page.reload();

    const values = await chat.page.values("temperature", "system", "key");
    expect(values).toEqual(["0.25", "Be brief.", "secret"]);
    const isKept = `[sessionStorage, localStorage].map((each) => JSON.stringify(each).includes("secret"))`;
    expect(await chat.page.evaluate(isKept)).toEqual([true, false]);
  });

  it("after New chat and Defaults finds the page as new", async () => {
    await chat.page.fill({ temperature: "0.25" });
    await chat.answer("Hi", "");

    await chat.page.click("#reset");
    expect(await chat.page.texts(".exchange")).toEqual([]);
    await chat.page.click("#defaults");
    await chat.page.reload();

    expect(await chat.page.texts(".exchange")).toEqual([]);
    expect(await chat.page.values("temperature")).toEqual(["0.7"]);
  });
});

it("an empty conversation shows the model's name, and example questions to click", async () => {
  await chat.page.untilText("#model", "scripted-model");

  await chat.page.click("#examples button");
  const { messages } = await chat.end(await chat.server.nextAnswer());

  expect(messages).toEqual([{ role: "user", content: "What is the capital of France?" }]);
  expect(await chat.page.texts("#welcome")).toEqual([]);
});

describe("the keyboard", () => {
  it("starts a new line with Shift+Enter", async () => {
    await chat.page.type("one");
    await chat.page.press("Enter", "\r", 8);
    await chat.page.type("two");

    expect(await chat.page.values("prompt")).toEqual(["one\ntwo"]);
    expect(await chat.page.texts(".user")).toEqual([]);
  });

  it("closes the settings with Escape and returns to the question", async () => {
    await chat.page.click("#toggle");
    expect(await chat.page.evaluate(`document.getElementById("toggle").ariaExpanded`)).toBe("true");

    await chat.page.press("Escape");

    expect(await chat.page.texts("#settings")).toEqual([]);
    expect(await chat.page.focused()).toBe("prompt");
  });
});
