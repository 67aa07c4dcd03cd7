import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { referenceLlamaServer } from "../../../helpers/reference.ts";
import { randomModel } from "./run-llama-cli.ts";
import { readCompletion } from "./run-llama-server.ts";

// The program as users get it: bundled, in a process of its own.

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("the reference llama-server as a process", () => {
  it("listens, answers, and is ended by SIGTERM at once", async () => {
    const child = start(["--model", randomModel, "--ctx-size", "64", "--port", "0"]);
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
    { args: ["--no-warmup"], message: "error: invalid argument: --no-warmup\n" },
    {
      args: ["--parallel", "2"],
      message: 'error while handling argument "--parallel": this engine has one slot',
    },
    {
      args: ["--model", "/nonexistent.gguf", "--port", "0"],
      message: "main: exiting due to model loading error\n",
    },
    {
      args: ["--host", "/tmp/x.sock"],
      message: "couldn't bind HTTP server socket, hostname: /tmp/x.sock",
    },
  ])("refuses $args with exit code 1", async ({ args, message }) => {
    const child = start(args);

    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);

    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it("says that its port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;

    const child = start(["--model", randomModel, "--port", String(port)]);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    taken.close();

    expect(stderr).toContain(
      `couldn't bind HTTP server socket, hostname: 127.0.0.1, port: ${port}`,
    );
    expect(code).toBe(1);
  });
});

function start(args: readonly string[]) {
  const child = spawn(referenceLlamaServer, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** Its address, as soon as it is ready. */
async function untilReady(child: ReturnType<typeof start>): Promise<string> {
  let log = "";
  for await (const bytes of child.stderr) {
    log += bytes;
    const port = /server is listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(log);
}
