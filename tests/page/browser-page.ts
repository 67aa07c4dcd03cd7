import {
  type Browser,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  type Page,
} from "playwright-core";
import { findProgramIn } from "../../scripts/cli/find-program.ts";
import { waitUntil } from "../helpers/processes.ts";

/**
 * The local server's page, used as a person does, in a headless Chromium, the one that
 * `scripts/test-page.ts` found.
 */
export class BrowserPage {
  /** Everything that was written to the console as an error, or thrown. */
  readonly errors: string[] = [];
  #browser!: Browser;
  #page!: Page;
  /** For what would need `eval` in the page, which its content security policy forbids. */
  #session!: CDPSession;

  /** Opens a page of its own before each test; call it at the top of a test file. */
  constructor(url: () => string | Promise<string>) {
    jest.setTimeout(60_000);
    const { CHROMIUM = "chromium", PATH = "" } = process.env;
    const executablePath = findProgramIn(PATH)(CHROMIUM) ?? CHROMIUM;
    beforeAll(async () => {
      this.#browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    });
    beforeEach(async () => this.open(await url()));
    afterEach(() => Promise.all(this.#browser.contexts().map((context) => context.close())));
    afterAll(() => this.#browser.close());
  }

  /** Opens a page that shares no storage with those before, and waits until it is ready. */
  async open(url: string, device: BrowserContextOptions = {}): Promise<void> {
    this.#page = await this.#browser.newPage(device);
    this.#session = await this.#page.context().newCDPSession(this.#page);
    this.errors.length = 0;
    this.#page.on("pageerror", (error) => this.errors.push(error.message));
    this.#page.on("console", (line) => {
      if (line.type() === "error") this.errors.push(line.text());
    });
    await this.#page.goto(url);
    await this.untilText("#status", "Ready");
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  /** The value of an expression in the page, awaited. @throws Error when the expression throws */
  async evaluate(expression: string): Promise<unknown> {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.#session.send("Runtime.evaluate", parameters);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(result)}`);
    return result.value;
  }

  /** Waits up to 20 s until an expression is true in the page. */
  until(expression: string): Promise<void> {
    return waitUntil(async () => (await this.evaluate(expression)) === true, 20_000);
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
  type(text: string): Promise<void> {
    return this.#page.keyboard.insertText(text);
  }

  /** Presses a key by its name, or several together: `Shift+Enter`. */
  press(keys: string): Promise<void> {
    return this.#page.keyboard.press(keys);
  }

  /** Types text where the focus is, and sends it. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.press("Enter");
  }

  /** Types a question, and sends it. */
  async submit(question: string): Promise<void> {
    await this.#page.focus("#prompt");
    await this.enter(question);
  }

  click(selector: string): Promise<void> {
    return this.#page.locator(selector).first().click();
  }

  /** Fills fields of the settings, which may be closed, as typing does. */
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
  texts(selector: string): Promise<string[]> {
    return this.#page.locator(selector).filter({ visible: true }).allTextContents();
  }

  /** Opens the page anew on a phone or in a window of this size. */
  resize(width: number, height: number, isPhone: boolean): Promise<void> {
    const device = { isMobile: isPhone, hasTouch: isPhone, deviceScaleFactor: isPhone ? 2 : 1 };
    return this.open(this.#page.url(), { viewport: { width, height }, ...device });
  }

  preferColorScheme(colorScheme: "light" | "dark"): Promise<void> {
    return this.#page.emulateMedia({ colorScheme });
  }

  /** Leaves a picture in temp/page. */
  async screenshot(name: string): Promise<void> {
    await this.#page.screenshot({ path: `temp/page/${name}.png` });
  }
}

const quoted = (text: string) => JSON.stringify(text);
