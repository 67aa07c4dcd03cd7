import { createInterface, type Interface } from "node:readline/promises";
import { isReason } from "../cli/command-line.ts";

/** One turn of a conversation. */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a model reports at the end of an answer. */
export interface AnswerFigures {
  readonly promptTokens: number;
  readonly predictedTokens: number;
  /** `null` when the answer was too short to measure. */
  readonly tokensPerSecond: number | null;
}

/** A piece of an answer, or the figures behind the last one where the model reports them. */
export type ChatEvent = string | AnswerFigures;

/** A model that continues a conversation. */
export interface ChatModel {
  /** Where it is, for the user. */
  readonly name: string;
  /** Streams the next turn. Rejects when the request fails or the signal aborts. */
  answer(turns: readonly Turn[], signal: AbortSignal): AsyncIterable<ChatEvent>;
}

/** How a conversation is held. */
export interface ChatOptions {
  readonly model: ChatModel;
  /** System message at the start; none when empty. */
  readonly system?: string;
  /** Earlier questions that are sent along with their answers; all of them by default. */
  readonly rememberedQuestions?: number;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

const help = "/system TEXT, /reset, /quit; Ctrl-C stops an answer";

/** A conversation at the terminal, until `/quit`, the end of the input, or Ctrl-C between answers. */
export class Chat {
  /** Of every answer whose model reports them. */
  readonly figures: AnswerFigures[] = [];
  /** The last answer failed. */
  hasFailed = false;
  readonly #options: ChatOptions;
  readonly #terminal: Interface;
  #system: string;
  #history: Turn[] = [];
  #answering: AbortController | undefined;

  constructor(options: ChatOptions) {
    const { input, output, system = "" } = options;
    this.#options = options;
    this.#system = system;
    this.#terminal = createInterface({ input, output, prompt: "> " });
  }

  /** Holds the conversation to its end. */
  async hold(): Promise<void> {
    const terminal = this.#terminal;
    let isClosed = false;
    terminal.once("close", () => {
      isClosed = true;
    });
    terminal.on("SIGINT", () => (this.#answering ? this.#answering.abort() : terminal.close()));
    this.#write(`${this.#options.model.name}. ${help}.\n\n`);
    terminal.prompt();
    for await (const line of terminal) {
      await this.#take(line);
      if (!isClosed) terminal.prompt();
    }
  }

  async #take(line: string): Promise<void> {
    const [command = "", ...rest] = line.trim().split(" ");
    if (command === "/system") {
      this.#system = rest.join(" ");
      this.#write(this.#system === "" ? "no system message\n" : `system: ${this.#system}\n`);
    } else if (command === "/reset") {
      this.#history = [];
      this.#write("forgotten\n");
    } else if (command === "/quit") this.#terminal.close();
    else if (command.startsWith("/")) this.#write(`${help}\n`);
    else if (command !== "") await this.#answer(line);
  }

  /** Prints the answer while it arrives; one that was stopped or failed keeps what it had. */
  async #answer(content: string): Promise<void> {
    const { model } = this.#options;
    const answering = new AbortController();
    this.#answering = answering;
    this.hasFailed = false;
    const question: Turn = { role: "user", content };
    let text = "";
    try {
      for await (const event of model.answer(this.#turns(question), answering.signal)) {
        if (typeof event === "string") {
          this.#write(event);
          text += event;
        } else this.figures.push(event);
      }
    } catch (error) {
      this.hasFailed = !answering.signal.aborted;
      this.#write(this.hasFailed ? `\n! ${reasonOf(error)}` : " (stopped)");
    }
    this.#answering = undefined;
    // A question that failed without a word can be asked again as if for the first time.
    if (text !== "") this.#history.push(question, { role: "assistant", content: text });
    this.#write("\n\n");
  }

  /** What is sent to answer a question. */
  #turns(question: Turn): Turn[] {
    const { rememberedQuestions = Number.POSITIVE_INFINITY } = this.#options;
    const first = Math.max(0, this.#history.length - 2 * rememberedQuestions);
    const turns = [...this.#history.slice(first), question];
    return this.#system === "" ? turns : [{ role: "system", content: this.#system }, ...turns];
  }

  #write(text: string): void {
    this.#options.output.write(text);
  }
}

/** Ours as it is; otherwise that of the innermost cause, which names what could not be reached. */
function reasonOf(error: unknown): string {
  if (isReason(error)) return error.message;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
