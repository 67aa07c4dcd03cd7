import { ScriptedChat } from "./scripted-chat.ts";

const chat = new ScriptedChat();

interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

async function box(selector: string): Promise<Box> {
  return (await chat.evaluate(
    `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().toJSON()`,
  )) as Box;
}

/** Two answers, one of them long, and a failure: everything that a conversation can show. */
async function fillConversation(): Promise<void> {
  await chat.answer(
    "What is BitNet?",
    "BitNet b1.58 is a family of language models whose weights take only three values: -1, 0 and 1.\n\nA weight needs 1.58 bits, so a model of two billion weights fits into about 1.2 GB of memory and runs on a processor without a GPU.",
  );
  await chat.answer(`A long word: ${"x".repeat(200)}`, "I cannot say much about that word.");
  const message = "the model is answering and 64 requests wait already: try again later";
  await chat.refuse("Is the model busy?", 429, message, { "retry-after": "5" });
}

const windows: [string, number, number, boolean][] = [
  ["desktop", 1280, 800, false],
  ["phone", 390, 844, true],
  ["small-phone", 360, 640, true],
  ["phone-landscape", 844, 390, true],
  ["small-phone-landscape", 667, 375, true],
];

describe.each(windows)("on a %s", (name, width, height, isPhone) => {
  beforeEach(() => chat.resize(width, height, isPhone));

  it("fits the window without scrolling it", async () => {
    await chat.screenshot(`${name}-empty`);
    await fillConversation();

    const size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
    expect(await chat.evaluate(size)).toEqual([width, height]);
    expect(await chat.evaluate(`document.getElementById("messages").scrollWidth`)).toBe(
      await chat.evaluate(`document.getElementById("messages").clientWidth`),
    );
    expect((await box(".exchange:last-child")).bottom).toBeLessThanOrEqual(
      (await box("footer")).top,
    );
    await chat.screenshot(name);
    await chat.preferColorScheme("dark");
    await chat.screenshot(`${name}-dark`);
  });

  it("shows open settings beside the conversation and the question, not over them, with large buttons and texts", async () => {
    await fillConversation();

    await chat.click("#toggle");

    const settings = await box("#settings");
    const messages = await box("main");
    const footer = await box("footer");
    for (const other of [messages, footer]) {
      const isApart = settings.left >= other.right || settings.bottom <= other.top;
      expect(isApart).toBe(true);
    }
    expect(settings.right).toBeLessThanOrEqual(width);
    expect(footer.bottom).toBeLessThanOrEqual(height);
    expect(messages.bottom - messages.top).toBeGreaterThan(120);
    expect(await chat.texts("#latest")).toEqual([]);
    await chat.screenshot(`${name}-settings`);
    await chat.preferColorScheme("dark");
    await chat.screenshot(`${name}-settings-dark`);

    const visible = (selector: string) =>
      `[...document.querySelectorAll("${selector}")].filter((each) => each.checkVisibility())`;
    const heights = await chat.evaluate(
      `Math.min(...${visible("button, input")}.map((each) => each.getBoundingClientRect().height))`,
    );
    const fonts = await chat.evaluate(
      `Math.min(...${visible("input, textarea")}.map((each) => parseFloat(getComputedStyle(each).fontSize)))`,
    );
    expect(heights).toBeGreaterThanOrEqual(44);
    expect(fonts).toBeGreaterThanOrEqual(16);
  });
});

/** Contrast of every visible text with the background behind it, by WCAG 2's formula. */
const contrasts = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? background(element.parentElement) : colour;
  };
  const contrast = (element) => {
    const pair = [getComputedStyle(element).color, background(element)].map(luminance);
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => element.tagName !== "SCRIPT")
    .map((element) => [element.id || element.className || element.tagName, contrast(element)]);
})()`;

describe.each(["light", "dark"] as const)("in %s colours", (scheme) => {
  it("has the contrast of WCAG AA for every text", async () => {
    await chat.preferColorScheme(scheme);
    await fillConversation();
    await chat.click("#toggle");

    const measured = (await chat.evaluate(contrasts)) as [string, number][];
    expect(measured.length).toBeGreaterThan(15);
    expect(measured.filter(([, contrast]) => contrast < 4.5)).toEqual([]);
  });

  it("shows where the focus is", async () => {
    await chat.preferColorScheme(scheme);

    await chat.press("Tab");

    const outline = `getComputedStyle(document.activeElement).outlineStyle`;
    expect(await chat.evaluate(outline)).toBe("solid");
  });
});
