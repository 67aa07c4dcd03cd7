import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** One page of a headless Chromium, driven by its DevTools protocol over a pipe. */
export interface BrowserPage {
  send(method: string, parameters?: object): Promise<Record<string, unknown>>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Types text where the focus is. */
  type(text: string): Promise<void>;
  /** Presses one key, by its name and its character. */
  press(key: string, text?: string): Promise<void>;
  /** Everything that was written to the console as an error, or thrown. */
  readonly errors: string[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/**
 * Opens a page at a url.
 *
 * @param executable a Chromium
 */
export async function openPage(executable: string, url: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), "bitnet-chromium-"));
  const browser = spawn(
    executable,
    [
      "--headless=new",
      // Tests run as root in containers; the page is our own.
      "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const errors: string[] = [];
  const call = callerOf(browser, (message) => {
    const { method, params } = message;
    if (method === "Runtime.exceptionThrown") errors.push(JSON.stringify(params));
    if (method === "Log.entryAdded") errors.push(JSON.stringify(params));
  });
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, parameters: object = {}) =>
    call(method, parameters, String(sessionId));
  await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => send(method)));
  await send("Page.navigate", { url });
  return {
    send,
    errors,
    async evaluate(expression) {
      const answer = await send("Runtime.evaluate", { expression, returnByValue: true });
      return (answer.result as { value?: unknown }).value;
    },
    async type(text) {
      await send("Input.insertText", { text });
    },
    async press(key, text) {
      const event = { key, code: key, ...(text && { text }) };
      const windowsVirtualKeyCode = { Enter: 13, Escape: 27, Tab: 9 }[key];
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...event, windowsVirtualKeyCode });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...event, windowsVirtualKeyCode });
    },
    async close() {
      // By its own command: killed, it would leave processes that still write to the profile.
      const ended = once(browser, "close");
      await call("Browser.close", {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Calls of the protocol: JSON with a zero byte behind it, answers by their number. */
function callerOf(browser: ChildProcess, onEvent: (message: Message) => void) {
  const output = browser.stdio[3] as Writable;
  const input = browser.stdio[4] as Readable;
  const waiting = new Map<number, (message: Message) => void>();
  let held = "";
  let lastId = 0;
  input.setEncoding("utf8").on("data", (text: string) => {
    const messages = (held + text).split("\0");
    held = messages.pop() ?? "";
    for (const message of messages.map((each): Message => JSON.parse(each))) {
      const answer = waiting.get(message.id ?? 0);
      if (answer) answer(message);
      else onEvent(message);
    }
  });
  return (method: string, params: object, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      lastId++;
      waiting.set(lastId, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      output.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`);
    });
}
