import { createInterface } from "node:readline/promises";
import {
  type ChatTransport,
  directTransport,
  httpTransport,
  type Turn,
} from "./remote/chat-transport.ts";

// `make chat`: a conversation at the terminal with `make local`, a function URL (URL=https://…,
// signed with the AWS credentials at hand, or API_KEY=… for a public one), or a direct invocation
// (FUNCTION=name). SYSTEM=… begins with a system message.

const { URL: url = "", FUNCTION, API_KEY, SYSTEM = "" } = process.env;
const transport = FUNCTION
  ? directTransport(FUNCTION)
  : httpTransport(url || "http://127.0.0.1:9000", API_KEY || undefined);

const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
let system = SYSTEM;
let history: Turn[] = [];
let answering: AbortController | undefined;
let isOver = false;

/** What can be said to the program itself. */
const commands: Readonly<Record<string, (rest: string) => void>> = {
  "/system": (rest) => {
    system = rest;
    console.log(system === "" ? "no system message" : `system: ${system}`);
  },
  "/reset": () => {
    history = [];
    console.log("forgotten");
  },
  "/quit": () => terminal.close(),
  "/help": () => console.log(`${Object.keys(commands).join(", ")}; Ctrl-C stops an answer`),
};

terminal.on("close", () => {
  isOver = true;
});
terminal.on("SIGINT", () => (answering ? answering.abort() : terminal.close()));
console.log(`${transport.name}. /system TEXT, /reset, /quit; Ctrl-C stops an answer.\n`);
terminal.prompt();
for await (const line of terminal) {
  const [name = "", ...rest] = line.trim().split(" ");
  const command = commands[name];
  if (command) command(rest.join(" "));
  else if (name.startsWith("/")) commands["/help"]?.("");
  else if (name !== "") await answer(transport, line);
  if (!isOver) terminal.prompt();
}

async function answer(transport: ChatTransport, content: string): Promise<void> {
  answering = new AbortController();
  const { signal } = answering;
  const turns: Turn[] = [...history, { role: "user", content }];
  const sent: Turn[] = system === "" ? turns : [{ role: "system", content: system }, ...turns];
  let text = "";
  try {
    for await (const piece of transport.answer(sent, signal)) {
      process.stdout.write(piece);
      text += piece;
    }
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    process.stdout.write(signal.aborted ? " (stopped)" : `\n! ${reason}`);
  }
  answering = undefined;
  // A question that failed without a word can be asked again as if it had not been.
  if (text !== "") history = [...turns, { role: "assistant", content: text }];
  console.log("\n");
}
