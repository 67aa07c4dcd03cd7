import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { referenceLlamaCli, referenceLlamaServer } from "../../../helpers/reference.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import { randomModel } from "./run-llama-cli.ts";

// The programs as users get them, bundled, each in a process of its own: how they end. Their answers
// through the runtime are in tests/engine and tests/contract.

const promptPath = join(temporaryFolder(), "prompt.txt");

describe("llama-cli", () => {
  it("streams the answer to a prompt on standard input, token by token", async () => {
    const child = startLlamaCli(100);
    let chunks = 0;
    child.stdout.on("data", () => chunks++);

    const [answer, ending] = await Promise.all([text(child.stdout), once(child, "close")]);

    expect(answer).toMatch(/^PnVtSIHnuPnXZpHZpb.+\n\n$/s);
    expect(ending).toEqual([0, null]);
    expect(chunks).toBeGreaterThan(2);
  });

  it("ends when nobody reads its output", async () => {
    const child = startLlamaCli(50_000);
    child.stdout.once("data", () => child.stdout.destroy());

    expect(await once(child, "close")).toEqual([141, null]);
  });
});

describe("llama-server", () => {
  it("says that its port is taken, or its model missing, with exit code 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;

    const endings = await Promise.all([
      refusal(["--model", randomModel, "--port", String(port)]),
      refusal(["--model", "/absent"]),
    ]);
    taken.close();

    expect(endings).toEqual([
      [`main: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: ${port}\n`, 1],
      [expect.stringContaining("gguf_init_from_file: failed to open '/absent'"), 1],
    ]);
  });
});

function startLlamaCli(predictTokens: number) {
  writeFileSync(promptPath, "Hello world");
  const usual = ["--ctx-size", "256", "--temp", "0", "--binary-file", "/dev/stdin"];
  const args = ["--model", randomModel, ...usual, "--predict", String(predictTokens)];
  const child = spawn(referenceLlamaCli, args, {
    stdio: [openSync(promptPath, "r"), "pipe", "ignore"],
  });
  // Node's types know no descriptor as standard input.
  return Object.assign(child, { stdout: child.stdout as Readable });
}

/** What a server writes that does not start, and its exit code. */
async function refusal(args: readonly string[]) {
  const child = spawn(referenceLlamaServer, args, { stdio: ["ignore", "ignore", "pipe"] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return [stderr, code];
}
