import { ScriptedChat } from "./scripted-chat.ts";

const chat = new ScriptedChat();

const log = `document.getElementById("messages")`;
const lines = "A line of the answer.\n".repeat(80);
const isAtEnd = `${log}.scrollHeight - ${log}.scrollTop - ${log}.clientHeight <= 2`;

/** Asks and sends an answer that is longer than the window, but not its end. */
async function beginLongAnswer() {
  const answer = await chat.ask("Tell me a long story");
  answer.write(lines);
  await chat.until(`${log}.textContent.includes("A line") && ${isAtEnd}`);
  return answer;
}

async function scrollUp(): Promise<void> {
  await chat.evaluate(`${log}.scrollTop = 100`);
  await chat.until(`!document.getElementById("latest").hidden`);
}

describe("while an answer grows", () => {
  it("keeps its end in view", async () => {
    const answer = await beginLongAnswer();

    answer.write("The last line.");
    await chat.untilText("#messages", "The last line.");

    expect(await chat.evaluate(isAtEnd)).toBe(true);
  });

  it("stays where the reader has scrolled up to, until the end is asked for", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();

    await chat.end(answer, lines);

    expect(await chat.evaluate(`${log}.scrollTop`)).toBe(100);
    await chat.screenshot("scrolled-up");
    await chat.click("#latest");
    expect(await chat.evaluate(isAtEnd)).toBe(true);
    expect(await chat.texts("#latest")).toEqual([]);
  });

  it("keeps its end in view when the settings take some of the width", async () => {
    await chat.resize(667, 375, true);
    const answer = await chat.ask("Hi");
    answer.write("A line that is broken where the window gets narrow. ".repeat(40));
    await chat.until(`${log}.textContent.includes("broken") && ${isAtEnd}`);
    await chat.screenshot("answering");

    await chat.click("#toggle");
    await chat.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");

    await chat.until(isAtEnd);
    expect(await chat.texts("#latest")).toEqual([]);
    answer.end();
  });

  it("follows again after the next question", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();
    await chat.end(answer);

    await chat.submit("And then?");

    expect(await chat.evaluate(isAtEnd)).toBe(true);
    (await chat.nextAnswer()).end();
  });

  it("keeps what the reader has selected", async () => {
    const answer = await beginLongAnswer();
    await chat.evaluate(`{
      const { firstChild } = document.querySelector(".assistant");
      getSelection().setBaseAndExtent(firstChild, 2, firstChild, 6);
    }`);

    await chat.end(answer, "More");

    expect(await chat.texts("#messages")).toEqual([expect.stringContaining("More")]);
    expect(await chat.evaluate(`getSelection().toString()`)).toBe("line");
  });
});

describe("the status line", () => {
  it("says whether the question is read, answered or done, and how fast", async () => {
    const answer = await chat.ask("Hi");
    expect(await chat.texts("#status")).toEqual(["Reading the question…"]);

    answer.write("Hello");
    await chat.untilText("#status", "Answering…");
    await chat.end(answer);

    expect(await chat.texts("#status, .note")).toEqual([
      "8 tokens · 12.5 tokens/s · first token after 250 ms · prompt 10 tokens · seed 7",
      "Done · 8 tokens · 12.5 tokens/s",
    ]);
  });

  it("waits for a model that is being loaded", async () => {
    const ready = chat.health;
    const error = { code: "engine-loading", message: "wait" };
    chat.health = { status: 503, body: { error } };

    await chat.reload();
    await chat.untilText("#status", "The model is being loaded…");
    chat.health = ready;

    await chat.untilText("#status", "Ready");
  });

  it("says that an answer was cut off at max tokens", async () => {
    await chat.answer("Hi", "Hello", "length");

    expect((await chat.texts(".note"))[0]).toMatch(/^reached max tokens · /);
  });

  it("gives screen readers a whole answer once, not every piece of it", async () => {
    await chat.evaluate(`globalThis.announced = [];
      new MutationObserver((records) => announced.push(...records.map(({ target }) => target.textContent)))
        .observe(document.querySelector("[role=status]"), { childList: true })`);

    const answer = await chat.ask("Hi");
    for (const piece of ["Hello", " dear", " world"]) answer.write(piece);
    await chat.end(answer);

    expect(await chat.evaluate("announced")).toEqual([
      "Reading the question…",
      "Hello dear world (Done · 8 tokens · 12.5 tokens/s)",
    ]);
    const live = `[aria-live], [role=status], [role=log], [role=alert]`;
    expect(await chat.evaluate(`document.querySelectorAll("${live}").length`)).toBe(1);
  });
});

describe("a reload", () => {
  it("keeps the conversation, and later questions send it", async () => {
    await chat.answer("Hi", "Hello");

    await chat.reload();

    expect(await chat.texts(".user, .assistant")).toEqual(["Hi", "Hello"]);
    const { messages } = await chat.answer("Go on", "");
    expect(messages.map(({ content }) => content)).toEqual(["Hi", "Hello", "Go on"]);
  });

  it("in the middle of an answer keeps what has come, and offers to try again", async () => {
    await chat.begin("Hi", "Half an");

    await chat.reload();

    expect(await chat.texts(".assistant, .retry")).toEqual(["Half an", "Try again"]);
  });

  it("keeps the settings, and the key for this tab alone", async () => {
    await chat.fill({ temperature: "0.25", system: "Be brief.", key: "secret" });

    await chat.reload();

    const values = await chat.values("temperature", "system", "key");
    expect(values).toEqual(["0.25", "Be brief.", "secret"]);
    const isKept = `[sessionStorage, localStorage].map((each) => JSON.stringify(each).includes("secret"))`;
    expect(await chat.evaluate(isKept)).toEqual([true, false]);
  });

  it("after New chat and Defaults finds the page as new", async () => {
    await chat.fill({ temperature: "0.25" });
    await chat.answer("Hi", "");

    await chat.click("#reset");
    expect(await chat.texts(".exchange")).toEqual([]);
    await chat.click("#toggle");
    await chat.click("#defaults");
    await chat.reload();

    expect(await chat.texts(".exchange")).toEqual([]);
    expect(await chat.values("temperature")).toEqual(["0.7"]);
  });
});

it("an empty conversation shows the model's name, and example questions to click", async () => {
  await chat.untilText("#model", "scripted-model");

  await chat.click("#examples button");
  const { messages } = await chat.end(await chat.nextAnswer());

  expect(messages).toEqual([{ role: "user", content: "What is the capital of France?" }]);
  expect(await chat.texts("#welcome")).toEqual([]);
});

describe("the keyboard", () => {
  it("starts a new line with Shift+Enter", async () => {
    await chat.type("one");
    await chat.press("Shift+Enter");
    await chat.type("two");

    expect(await chat.values("prompt")).toEqual(["one\ntwo"]);
    expect(await chat.texts(".user")).toEqual([]);
  });

  it("closes the settings with Escape and returns to the question", async () => {
    await chat.click("#toggle");
    expect(await chat.evaluate(`document.getElementById("toggle").ariaExpanded`)).toBe("true");

    await chat.press("Escape");

    expect(await chat.texts("#settings")).toEqual([]);
    expect(await chat.focused()).toBe("prompt");
  });
});
