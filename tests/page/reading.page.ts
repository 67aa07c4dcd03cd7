import type { ChatPage } from "./chat-page.ts";
import { ScriptedPages } from "./scripted-pages.ts";

jest.setTimeout(60_000);

const pages = new ScriptedPages();
const { server } = pages;
let page: ChatPage;

beforeEach(async () => {
  page = await pages.open();
});

const log = `document.getElementById("messages")`;
const lines = "A line of the answer.\n".repeat(80);
const isAtEnd = `${log}.scrollHeight - ${log}.scrollTop - ${log}.clientHeight <= 2`;

/** Asks and sends an answer that is longer than the window, but not its end. */
async function beginLongAnswer() {
  await page.ask("Tell me a long story");
  const answer = await server.nextAnswer();
  answer.write(lines);
  await page.until(`${log}.textContent.includes("A line") && ${isAtEnd}`);
  return answer;
}

async function scrollUp(): Promise<void> {
  await page.evaluate(`${log}.scrollTop = 100`);
  await page.until(`!document.getElementById("latest").hidden`);
}

describe("while an answer grows", () => {
  it("keeps its end in view", async () => {
    const answer = await beginLongAnswer();

    answer.write("The last line.");
    await page.until(`${log}.textContent.includes("The last line.")`);

    expect(await page.evaluate(isAtEnd)).toBe(true);
  });

  it("stays where the reader has scrolled up to, until the end is asked for", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();

    answer.write(lines);
    answer.end();
    await page.untilIdle();

    expect(await page.evaluate(`${log}.scrollTop`)).toBe(100);
    await page.screenshot("scrolled-up");
    await page.click("#latest");
    expect(await page.evaluate(isAtEnd)).toBe(true);
    expect(await page.texts("#latest")).toEqual([]);
  });

  it("keeps its end in view when the settings take some of the width", async () => {
    await page.resize(667, 375, true);
    await page.ask("Hi");
    const answer = await server.nextAnswer();
    answer.write("A line that is broken where the window gets narrow. ".repeat(40));
    await page.until(`${log}.textContent.includes("broken") && ${isAtEnd}`);
    await page.screenshot("answering");

    await page.click("#toggle");
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");

    await page.until(isAtEnd);
    expect(await page.texts("#latest")).toEqual([]);
    answer.end();
  });

  it("follows again after the next question", async () => {
    const answer = await beginLongAnswer();
    await scrollUp();
    answer.end();
    await page.untilIdle();

    await page.ask("And then?");

    expect(await page.evaluate(isAtEnd)).toBe(true);
    (await server.nextAnswer()).end();
  });

  it("keeps what the reader has selected", async () => {
    const answer = await beginLongAnswer();
    await page.evaluate(
      `getSelection().setBaseAndExtent(document.querySelector(".assistant").firstChild, 2, document.querySelector(".assistant").firstChild, 6)`,
    );

    answer.write("More");
    answer.end();
    await page.until(`${log}.textContent.includes("More")`);

    expect(await page.evaluate(`getSelection().toString()`)).toBe("line");
  });
});

describe("the status line", () => {
  it("says whether the question is read, answered or done, and how fast", async () => {
    await page.ask("Hi");
    const answer = await server.nextAnswer();
    expect(await page.texts("#status")).toEqual(["Reading the question…"]);

    answer.write("Hello");
    await page.until(`document.getElementById("status").textContent === "Answering…"`);
    answer.end();
    await page.untilIdle();

    expect(await page.texts("#status")).toEqual(["Done · 8 tokens · 12.5 tokens/s"]);
    expect(await page.texts(".note")).toEqual([
      "8 tokens · 12.5 tokens/s · first token after 250 ms · prompt 10 tokens · seed 7",
    ]);
  });

  it("waits for a model that is being loaded", async () => {
    const ready = server.health;
    server.health = { status: 503, body: { error: { code: "engine-loading", message: "wait" } } };

    await page.browserPage.reload();
    await page.until(
      `document.getElementById("status").textContent === "The model is being loaded…"`,
    );
    server.health = ready;

    await page.until(`document.getElementById("status").textContent === "Ready"`);
  });

  it("says that an answer was cut off at max tokens", async () => {
    await page.ask("Hi");
    const answer = await server.nextAnswer();
    answer.write("Hello");
    answer.end("length");
    await page.untilIdle();

    expect((await page.texts(".note"))[0]).toMatch(/^reached max tokens · /);
  });

  it("gives screen readers a whole answer once, not every piece of it", async () => {
    await page.evaluate(`globalThis.announced = [];
      new MutationObserver((records) => announced.push(...records.map(({ target }) => target.textContent)))
        .observe(document.querySelector("[role=status]"), { childList: true })`);

    await page.ask("Hi");
    const answer = await server.nextAnswer();
    for (const piece of ["Hello", " dear", " world"]) answer.write(piece);
    answer.end();
    await page.untilIdle();

    expect(await page.evaluate("announced")).toEqual([
      "Reading the question…",
      "Hello dear world (Done · 8 tokens · 12.5 tokens/s)",
    ]);
    const live = `[aria-live], [role=status], [role=log], [role=alert]`;
    expect(await page.evaluate(`document.querySelectorAll("${live}").length`)).toBe(1);
  });
});

describe("a reload", () => {
  it("keeps the conversation, and later questions send it", async () => {
    await page.ask("Hi");
    const first = await server.nextAnswer();
    first.write("Hello");
    first.end();
    await page.untilIdle();

    await page.browserPage.reload();
    expect(await page.texts(".user, .assistant")).toEqual(["Hi", "Hello"]);
    await page.ask("Go on");
    const answer = await server.nextAnswer();
    answer.end();

    expect(answer.messages.map(({ content }) => content)).toEqual(["Hi", "Hello", "Go on"]);
  });

  it("in the middle of an answer keeps what has come, and offers to try again", async () => {
    await page.ask("Hi");
    const answer = await server.nextAnswer();
    answer.write("Half an");
    await page.until(`${log}.textContent.includes("Half an")`);

    await page.browserPage.reload();

    expect(await page.texts(".assistant, .retry")).toEqual(["Half an", "Try again"]);
  });

  it("keeps the settings, and the key for this tab alone", async () => {
    await page.fill("temperature", "0.25");
    await page.fill("system", "Be brief.");
    await page.fill("key", "secret");

    await page.browserPage.reload();

    const values = `["temperature", "system", "key"].map((id) => document.getElementById(id).value)`;
    expect(await page.evaluate(values)).toEqual(["0.25", "Be brief.", "secret"]);
    const isKept = (storage: string) => `JSON.stringify(${storage}).includes("secret")`;
    expect(await page.evaluate(isKept("sessionStorage"))).toBe(true);
    expect(await page.evaluate(isKept("localStorage"))).toBe(false);
  });

  it("after New chat and Defaults finds the page as new", async () => {
    await page.fill("temperature", "0.25");
    await page.ask("Hi");
    (await server.nextAnswer()).end();
    await page.untilIdle();

    await page.click("#reset");
    await page.click("#defaults");
    await page.browserPage.reload();

    expect(await page.texts(".exchange")).toEqual([]);
    expect(await page.evaluate(`document.getElementById("temperature").value`)).toBe("0.7");
  });
});

describe("an empty conversation", () => {
  it("shows the model's name, and example questions to click", async () => {
    await page.until(`document.getElementById("model").textContent === "scripted-model"`);

    await page.click("#examples button");
    const answer = await server.nextAnswer();
    answer.end();

    expect(answer.messages).toEqual([{ role: "user", content: "What is the capital of France?" }]);
    expect(await page.texts("#welcome")).toEqual([]);
  });
});

describe("the keyboard", () => {
  it("starts a new line with Shift+Enter", async () => {
    await page.browserPage.type("one");
    await page.browserPage.press("Enter", "\r", 8);
    await page.browserPage.type("two");

    expect(await page.evaluate(`document.getElementById("prompt").value`)).toBe("one\ntwo");
    expect(await page.texts(".user")).toEqual([]);
  });

  it("closes the settings with Escape and returns to the question", async () => {
    await page.click("#toggle");
    expect(await page.evaluate(`document.getElementById("toggle").ariaExpanded`)).toBe("true");

    await page.browserPage.press("Escape");

    expect(await page.texts("#settings")).toEqual([]);
    expect(await page.evaluate(`document.activeElement.id`)).toBe("prompt");
  });
});
