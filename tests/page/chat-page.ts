import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "./browser.ts";

/** The local server's page in a browser, used as a person does. */
export class ChatPage {
  /** Everything that was written to the console as an error, or thrown. */
  readonly errors: string[] = [];
  readonly #browser: Browser;
  readonly #contextId: unknown;
  readonly #sessionId: unknown;

  private constructor(browser: Browser, contextId: unknown, sessionId: unknown) {
    this.#browser = browser;
    this.#contextId = contextId;
    this.#sessionId = sessionId;
    for (const event of ["Runtime.exceptionThrown", "Log.entryAdded"]) {
      browser.events.on(`${sessionId} ${event}`, (given) =>
        this.errors.push(JSON.stringify(given)),
      );
    }
  }

  /** Opens a page that shares no storage with those before, and waits until it is ready. */
  static async open(browser: Browser, url: string): Promise<ChatPage> {
    const { browserContextId } = await browser.call("Target.createBrowserContext", {});
    const target = { url: "about:blank", browserContextId };
    const { targetId } = await browser.call("Target.createTarget", target);
    const attached = { targetId, flatten: true };
    const { sessionId } = await browser.call("Target.attachToTarget", attached);
    const page = new ChatPage(browser, browserContextId, sessionId);
    await Promise.all(["Page", "Runtime", "Log"].map((domain) => page.#call(`${domain}.enable`)));
    await page.#load("Page.navigate", { url });
    await page.untilText("#status", "Ready");
    return page;
  }

  async reload(): Promise<void> {
    await this.#load("Page.reload", {});
  }

  /** The value of an expression in the page, awaited. @throws Error when the expression throws */
  async evaluate(expression: string): Promise<unknown> {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const answer = await this.#call("Runtime.evaluate", parameters);
    if (answer.exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(answer.result)}`);
    return (answer.result as { value?: unknown }).value;
  }

  /** Waits up to 20 s until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    const endsAt = performance.now() + 20_000;
    while ((await this.evaluate(expression)) !== true) {
      if (performance.now() > endsAt) throw new Error(`never came true: ${expression}`);
      await sleep(10);
    }
  }

  /** Waits until the first element of a selector holds a text. */
  untilText(selector: string, text: string): Promise<void> {
    return this.until(
      `(document.querySelector(${quoted(selector)})?.textContent ?? "").includes(${quoted(text)})`,
    );
  }

  /** Waits until no answer is under way. */
  untilIdle(): Promise<void> {
    return this.until(`!document.getElementById("send").hidden`);
  }

  /** Types text where the focus is. */
  async type(text: string): Promise<void> {
    await this.#call("Input.insertText", { text });
  }

  /** Presses one key, by its name and its character. Shift is modifier 8. */
  async press(key: string, text?: string, modifiers = 0): Promise<void> {
    const windowsVirtualKeyCode = { Enter: 13, Escape: 27, Tab: 9 }[key];
    const event = { key, code: key, modifiers, windowsVirtualKeyCode, ...(text && { text }) };
    await this.#call("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.#call("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Types text where the focus is, and sends it. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.press("Enter", "\r");
  }

  async ask(question: string): Promise<void> {
    await this.evaluate(`document.getElementById("prompt").focus()`);
    await this.enter(question);
  }

  async click(selector: string): Promise<void> {
    await this.evaluate(`document.querySelector(${quoted(selector)}).click()`);
  }

  /** Fills fields of the settings as typing does. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    await this.evaluate(`for (const [id, value] of Object.entries(${JSON.stringify(values)})) {
      const field = document.getElementById(id);
      field.value = value;
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    }`);
  }

  /** The values of fields. */
  values(...ids: string[]): Promise<unknown> {
    return this.evaluate(`${JSON.stringify(ids)}.map((id) => document.getElementById(id).value)`);
  }

  /** The id of the element that has the focus. */
  focused(): Promise<unknown> {
    return this.evaluate(`document.activeElement.id`);
  }

  /** The visible texts of all elements that a selector finds. */
  async texts(selector: string): Promise<string[]> {
    return (await this.evaluate(
      `[...document.querySelectorAll(${quoted(selector)})].filter((each) => each.checkVisibility()).map((each) => each.textContent)`,
    )) as string[];
  }

  /** Pretends to be a phone or a window of this size. */
  async resize(width: number, height: number, isPhone: boolean): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
    await this.#call("Emulation.setDeviceMetricsOverride", metrics);
    await this.#call("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
  }

  async preferColorScheme(value: "light" | "dark"): Promise<void> {
    const features = [{ name: "prefers-color-scheme", value }];
    await this.#call("Emulation.setEmulatedMedia", { features });
  }

  /** Leaves a picture in temp/page. */
  async screenshot(name: string): Promise<void> {
    const { data } = await this.#call("Page.captureScreenshot");
    mkdirSync("temp/page", { recursive: true });
    writeFileSync(`temp/page/${name}.png`, Buffer.from(String(data), "base64"));
  }

  async close(): Promise<void> {
    const browserContextId = this.#contextId;
    await this.#browser.call("Target.disposeBrowserContext", { browserContextId });
  }

  #call(method: string, parameters: object = {}) {
    return this.#browser.call(method, parameters, this.#sessionId);
  }

  async #load(method: string, parameters: object): Promise<void> {
    const loaded = once(this.#browser.events, `${this.#sessionId} Page.loadEventFired`);
    await this.#call(method, parameters);
    await loaded;
  }
}

const quoted = (text: string) => JSON.stringify(text);
