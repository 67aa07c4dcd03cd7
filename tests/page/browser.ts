import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Result;
  readonly error?: { readonly message: string };
}

type Result = Readonly<Record<string, unknown>>;

/**
 * A headless Chromium, the one that `scripts/test-page.ts` found, driven by its DevTools protocol:
 * JSON messages over a pipe, each followed by a zero byte; answers carry the call's id.
 */
export class Browser {
  /** Emits `SESSION METHOD` with an event's parameters. */
  readonly events = new EventEmitter();
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
  readonly #waiting = new Map<number, (message: Message) => void>();
  #held = "";
  #lastId = 0;

  constructor() {
    const input = this.#process.stdio[4] as Readable;
    input.setEncoding("utf8").on("data", (text: string) => this.#receive(text));
  }

  /** Calls a method of the protocol. @throws Error with the browser's words */
  call(method: string, params: object, sessionId?: unknown): Promise<Result> {
    const id = ++this.#lastId;
    const output = this.#process.stdio[3] as Writable;
    output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result = {}, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
    });
  }

  async close(): Promise<void> {
    // By its own command: killed, it would leave processes that still write to the profile.
    const ended = once(this.#process, "close");
    await this.call("Browser.close", {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

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
