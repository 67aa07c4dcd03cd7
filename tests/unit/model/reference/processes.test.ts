import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { referenceLlamaCli, referenceLlamaServer } from "../../../helpers/reference.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { randomModel } from "./run-llama-cli.ts";
import { readCompletion } from "./run-llama-server.ts";

// The programs as users get them: bundled, each in a process of its own.

const folder = temporaryFolder();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("llama-cli", () => {
  it("streams the answer to a prompt on standard input, token by token", async () => {
    const child = startLlamaCli(4);
    let chunks = 0;
    child.stdout.on("data", () => chunks++);

    const [answer, ending] = await Promise.all([text(child.stdout), once(child, "close")]);

    expect(answer).toMatch(/^PnVtSIHnuPnXZpHZpb.+\n\n$/s);
    expect(ending).toEqual([0, null]);
    expect(chunks).toBeGreaterThan(2);
  });

  it.each([
    ["SIGTERM, at once", (child: LlamaCli) => child.kill("SIGTERM"), [null, "SIGTERM"]],
    ["a closed output", (child: LlamaCli) => child.stdout.destroy(), [141, null]],
  ])("is ended by %s", async (_, end, ending) => {
    const child = startLlamaCli(50_000);
    child.stdout.once("data", () => end(child));

    expect(await once(child, "close")).toEqual(ending);
  });

  it("says so when SIGINT ends it", async () => {
    const child = startLlamaCli(50_000);
    child.stdout.once("data", () => child.kill("SIGINT"));

    const [answer, ending] = await Promise.all([text(child.stdout), once(child, "close")]);

    expect(answer).toMatch(/\nInterrupted by user\n$/);
    expect(ending).toEqual([130, null]);
  });
});

describe("llama-server", () => {
  it("listens, answers, and is ended by SIGTERM at once", async () => {
    const child = startLlamaServer(["--model", randomModel, "--ctx-size", "64", "--port", "0"]);
    const url = await untilReady(child);
    const request = { prompt: "Hello world", n_predict: 2, temperature: 0, stream: true };

    const body = JSON.stringify(request);
    const answer = await fetch(`${url}/completion`, { method: "POST", body });
    const { content } = readCompletion(await answer.text());
    child.kill("SIGTERM");

    expect(content).toBe("PnVtSIHnuPnXZpHZpb");
    expect(await once(child, "close")).toEqual([null, "SIGTERM"]);
  });

  it.each([
    [["--no-warmup"], "error: invalid argument: --no-warmup\n"],
    [["--parallel", "2"], 'while handling argument "--parallel": this engine has one slot'],
    [["--model", "/absent", "--port", "0"], "main: exiting due to model loading error\n"],
    [["--host", "/tmp/x.sock"], "couldn't bind HTTP server socket, hostname: /tmp/x.sock"],
  ])("refuses %j with exit code 1", async (args, message) => {
    expect(await refusal(args)).toEqual([expect.stringContaining(message), 1]);
  });

  it("says that its port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;

    const [stderr, code] = await refusal(["--model", randomModel, "--port", String(port)]);
    taken.close();

    expect(code).toBe(1);
    expect(stderr).toContain(`bind HTTP server socket, hostname: 127.0.0.1, port: ${port}`);
  });
});

type LlamaCli = ReturnType<typeof startLlamaCli>;

function startLlamaCli(predictTokens: number) {
  const prompt = join(folder, "prompt.txt");
  writeFileSync(prompt, "Hello world");
  const usual = ["--ctx-size", "256", "--temp", "0", "--binary-file", "/dev/stdin"];
  const args = ["--model", randomModel, ...usual, "--predict", String(predictTokens)];
  const child = spawn(referenceLlamaCli, args, {
    stdio: [openSync(prompt, "r"), "pipe", "ignore"],
  });
  children.push(child);
  // Node's types know no descriptor as standard input.
  return child as ChildProcessByStdio<null, Readable, null>;
}

function startLlamaServer(args: readonly string[]) {
  const child = spawn(referenceLlamaServer, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** What a server writes that does not start, and its exit code. */
async function refusal(args: readonly string[]) {
  const child = startLlamaServer(args);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return [stderr, code];
}

/** The address of a server, as soon as it is ready. */
async function untilReady(child: ReturnType<typeof startLlamaServer>): Promise<string> {
  let log = "";
  for await (const bytes of child.stderr) {
    log += bytes;
    const port = /server is listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(log);
}
