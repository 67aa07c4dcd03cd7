import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A headless Chromium, driven by its DevTools protocol over a pipe. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #devTools: DevTools;

  /** @param executable path of a Chromium */
  constructor(executable: string) {
    this.#profile = mkdtempSync(join(tmpdir(), "bitnet-chromium-"));
    this.#process = spawn(
      executable,
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
    const [, , , output, input] = this.#process.stdio;
    this.#devTools = new DevTools(output as Writable, input as Readable);
  }

  /** Opens a page that shares no storage with pages opened before. */
  async openPage(url: string): Promise<BrowserPage> {
    const { browserContextId } = await this.#devTools.call("Target.createBrowserContext", {});
    const { targetId } = await this.#devTools.call("Target.createTarget", {
      url: "about:blank",
      browserContextId,
    });
    const { sessionId } = await this.#devTools.call("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const page = new BrowserPage(this.#devTools, String(sessionId), browserContextId);
    await page.enableEvents();
    await page.navigate(url);
    return page;
  }

  async close(): Promise<void> {
    // By its own command: killed, it would leave processes that still write to the profile.
    const ended = once(this.#process, "close");
    await this.#devTools.call("Browser.close", {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One page of a {@link Browser}. */
export class BrowserPage {
  /** Everything that was written to the console as an error, or thrown. */
  readonly errors: string[] = [];
  readonly #devTools: DevTools;
  readonly #sessionId: string;
  readonly #browserContextId: unknown;

  constructor(devTools: DevTools, sessionId: string, browserContextId: unknown) {
    this.#devTools = devTools;
    this.#sessionId = sessionId;
    this.#browserContextId = browserContextId;
    const note = (parameters: unknown) => this.errors.push(JSON.stringify(parameters));
    devTools.events.on(`${sessionId} Runtime.exceptionThrown`, note);
    devTools.events.on(`${sessionId} Log.entryAdded`, note);
  }

  send(method: string, parameters: object = {}): Promise<Record<string, unknown>> {
    return this.#devTools.call(method, parameters, this.#sessionId);
  }

  async enableEvents(): Promise<void> {
    await Promise.all(["Page", "Runtime", "Log"].map((domain) => this.send(`${domain}.enable`)));
  }

  async navigate(url: string): Promise<void> {
    await this.#loadedAfter("Page.navigate", { url });
  }

  async reload(): Promise<void> {
    await this.#loadedAfter("Page.reload", {});
  }

  /** The value of an expression in the page, awaited. @throws Error when the expression throws */
  async evaluate(expression: string): Promise<unknown> {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const answer = await this.send("Runtime.evaluate", parameters);
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

  /** Types text where the focus is. */
  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  /** Presses one key, by its name and its character. Shift is modifier 8. */
  async press(key: string, text?: string, modifiers = 0): Promise<void> {
    const windowsVirtualKeyCode = { Enter: 13, Escape: 27, Tab: 9 }[key];
    const event = { key, code: key, modifiers, windowsVirtualKeyCode, ...(text && { text }) };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** The page as it looks, as a PNG file. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot");
    return Buffer.from(String(data), "base64");
  }

  async close(): Promise<void> {
    const { call } = this.#devTools;
    await call("Target.disposeBrowserContext", { browserContextId: this.#browserContextId });
  }

  async #loadedAfter(method: string, parameters: object): Promise<void> {
    const loaded = once(this.#devTools.events, `${this.#sessionId} Page.loadEventFired`);
    await this.send(method, parameters);
    await loaded;
  }
}

/** The DevTools protocol: JSON messages, each followed by a zero byte; answers carry the call's id. */
class DevTools {
  /** Emits `SESSION METHOD` with the event's parameters. */
  readonly events = new EventEmitter();
  readonly #output: Writable;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #held = "";
  #lastId = 0;

  constructor(output: Writable, input: Readable) {
    this.#output = output;
    input.setEncoding("utf8").on("data", (text: string) => this.#receive(text));
  }

  readonly call = (method: string, params: object, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      this.#lastId++;
      this.#waiting.set(this.#lastId, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      this.#output.write(`${JSON.stringify({ id: this.#lastId, method, params, sessionId })}\0`);
    });

  #receive(text: string): void {
    const messages = (this.#held + text).split("\0");
    this.#held = messages.pop() ?? "";
    for (const message of messages.map((each): Message => JSON.parse(each))) {
      const { id = 0, sessionId, method, params } = message;
      const answer = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (answer) answer(message);
      else this.events.emit(`${sessionId} ${method}`, params);
    }
  }
}
