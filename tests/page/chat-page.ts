import { mkdirSync, writeFileSync } from "node:fs";
import { Browser, type BrowserPage } from "./browser.ts";

/** Starts a Chromium: the one that `scripts/test-page.ts` found. */
export function startBrowser(): Browser {
  return new Browser(process.env.CHROMIUM ?? "");
}

/** The local server's page, used as a person does. */
export class ChatPage {
  /** Holds while no answer is under way. */
  static readonly isIdle = `!document.getElementById("send").hidden`;
  readonly browserPage: BrowserPage;

  private constructor(browserPage: BrowserPage) {
    this.browserPage = browserPage;
  }

  /** Opens the page, and waits until it is ready. */
  static async open(browser: Browser, url: string): Promise<ChatPage> {
    const page = new ChatPage(await browser.openPage(`${url}/`));
    await page.until(`document.getElementById("status")?.textContent === "Ready"`);
    return page;
  }

  async ask(question: string): Promise<void> {
    await this.evaluate(`document.getElementById("prompt").focus()`);
    await this.browserPage.type(question);
    await this.browserPage.press("Enter", "\r");
  }

  async click(selector: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** Fills a field of the settings as typing does. */
  async fill(id: string, value: string): Promise<void> {
    const field = `document.getElementById(${JSON.stringify(id)})`;
    await this.evaluate(`${field}.value = ${JSON.stringify(value)}`);
    await this.evaluate(`${field}.dispatchEvent(new Event("input", { bubbles: true }))`);
    await this.evaluate(`${field}.dispatchEvent(new Event("change", { bubbles: true }))`);
  }

  /** The visible texts of all elements that a selector finds. */
  async texts(selector: string): Promise<string[]> {
    const all = `[...document.querySelectorAll(${JSON.stringify(selector)})]`;
    return (await this.evaluate(
      `${all}.filter((each) => each.checkVisibility()).map((each) => each.textContent)`,
    )) as string[];
  }

  evaluate(expression: string): Promise<unknown> {
    return this.browserPage.evaluate(expression);
  }

  until(expression: string): Promise<void> {
    return this.browserPage.until(expression);
  }

  untilIdle(): Promise<void> {
    return this.until(ChatPage.isIdle);
  }

  /** Pretends to be a phone or a window of this size. */
  async resize(width: number, height: number, isPhone: boolean): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
    await this.browserPage.send("Emulation.setDeviceMetricsOverride", metrics);
    await this.browserPage.send("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
  }

  async preferColorScheme(value: "light" | "dark"): Promise<void> {
    const features = [{ name: "prefers-color-scheme", value }];
    await this.browserPage.send("Emulation.setEmulatedMedia", { features });
  }

  /** Leaves a picture in temp/page. */
  async screenshot(name: string): Promise<void> {
    mkdirSync("temp/page", { recursive: true });
    writeFileSync(`temp/page/${name}.png`, await this.browserPage.screenshot());
  }

  close(): Promise<void> {
    return this.browserPage.close();
  }
}
