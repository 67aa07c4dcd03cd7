import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly result?: Result;
  readonly error?: { readonly message: string };
}

type Result = Readonly<Record<string, unknown>>;

/**
 * The local server's page, used as a person does, in a headless Chromium, the one that
 * `scripts/test-page.ts` found. It is driven by its DevTools protocol: JSON messages over a pipe, each
 * followed by a zero byte; answers carry the call's id.
 */
export class BrowserPage {
  /** Everything that was written to the console as an error, or thrown. */
  readonly errors: Message[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), "bitnet-chromium-"));
  readonly #process = spawn(
    process.env.CHROMIUM ?? "",
    [
      "--headless=new",
      // Tests run as root in containers; the page is our own.
      "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-pipe",
      `--user-data-dir=${this.#profile}`,
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  /** Emits answers by their call's id, and events by their method. */
  readonly #received = new EventEmitter();
  #held = "";
  #lastId = 0;
  #session: { readonly sessionId?: unknown } = {};
  #browserContextId: unknown;

  /** Opens a page of its own before each test; call it at the top of a test file. */
  constructor(url: () => string | Promise<string>) {
    jest.setTimeout(60_000);
    const input = this.#process.stdio[4] as Readable;
    input.setEncoding("utf8").on("data", (text: string) => this.#receive(text));
    beforeEach(async () => this.open(await url()));
    afterEach(() =>
      this.#callBrowser("Target.disposeBrowserContext", {
        browserContextId: this.#browserContextId,
      }),
    );
    afterAll(() => this.#close());
  }

  /** Opens a page that shares no storage with those before, and waits until it is ready. */
  async open(url: string): Promise<void> {
    const { browserContextId } = await this.#callBrowser("Target.createBrowserContext");
    const target = { url: "about:blank", browserContextId };
    const { targetId } = await this.#callBrowser("Target.createTarget", target);
    const attached = { targetId, flatten: true };
    const { sessionId } = await this.#callBrowser("Target.attachToTarget", attached);
    this.#browserContextId = browserContextId;
    this.#session = { sessionId };
    this.errors.length = 0;
    await Promise.all(["Page", "Runtime", "Log"].map((domain) => this.#call(`${domain}.enable`)));
    await this.#load("Page.navigate", { url });
    await this.untilText("#status", "Ready");
  }

  reload(): Promise<void> {
    return this.#load("Page.reload", {});
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

  /** Types a question, and sends it. */
  async submit(question: string): Promise<void> {
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

  async #load(method: string, parameters: object): Promise<void> {
    const loaded = once(this.#received, "Page.loadEventFired");
    await this.#call(method, parameters);
    await loaded;
  }

  #call(method: string, params: object = {}): Promise<Result> {
    return this.#callBrowser(method, params, this.#session);
  }

  /** Calls a method of the protocol. @throws Error with the browser's words */
  async #callBrowser(method: string, params: object = {}, session: object = {}): Promise<Result> {
    const id = ++this.#lastId;
    const answered = once(this.#received, `${id}`);
    const output = this.#process.stdio[3] as Writable;
    output.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const [{ result = {}, error }] = (await answered) as [Message];
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #receive(text: string): void {
    const messages = (this.#held + text).split("\0");
    this.#held = messages.pop() ?? "";
    for (const message of messages.map((each): Message => JSON.parse(each))) {
      const { id, sessionId, method } = message;
      if (id !== undefined) this.#received.emit(`${id}`, message);
      else if (sessionId === this.#session.sessionId) this.#received.emit(`${method}`);
      if (/^(Runtime.exceptionThrown|Log.entryAdded)$/.test(method ?? ""))
        this.errors.push(message);
    }
  }

  async #close(): Promise<void> {
    // By its own command: killed, it would leave processes that still write to the profile.
    const ended = once(this.#process, "close");
    await this.#callBrowser("Browser.close");
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const quoted = (text: string) => JSON.stringify(text);
