import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { recordedFolder } from "../../../helpers/recorded.ts";

// The program as users get it: bundled, in a process of its own.

const endless = ["-c", "256", "--temp", "0", "-p", "Hello world", "--no-warmup", "-n", "-1"];
let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-cli-"));
  program = join(folder, "llama-cli.mjs");
  buildSync({
    entryPoints: ["model/reference/llama-cli.ts"],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the reference engine as a process", () => {
  it("streams the answer, token by token", async () => {
    const child = start(["-n", "8"], "pipe");
    let chunks = 0;
    child.stdout?.on("data", () => chunks++);

    expect(await closed(child)).toEqual({ code: 0, signal: null });
    expect(chunks).toBeGreaterThan(2);
  });

  it("reads the prompt from a file handed over as standard input", async () => {
    const path = join(folder, "prompt.txt");
    writeFileSync(path, "Hello world");
    const child = start(
      ["-bf", "/dev/stdin", "-n", "2", "--no-display-prompt"],
      openSync(path, "r"),
    );

    const text = await collect(child.stdout);

    expect(text).toBe("PnVtSIHnuPnXZpHZpb\n\n");
  });

  it("is ended by SIGTERM at once", async () => {
    const child = start(endless, "pipe");
    child.stdout?.once("data", () => child.kill("SIGTERM"));

    expect(await closed(child)).toEqual({ code: null, signal: "SIGTERM" });
  });

  it("says so when SIGINT ends it", async () => {
    const child = start(endless, "pipe");
    child.stdout?.once("data", () => child.kill("SIGINT"));

    const [text, ending] = await Promise.all([collect(child.stdout), closed(child)]);

    expect(text).toMatch(/\nInterrupted by user\n$/);
    expect(ending).toEqual({ code: 130, signal: null });
  });

  it("ends when nobody reads on", async () => {
    const child = start(endless, "pipe");
    child.stdout?.once("data", () => child.stdout?.destroy());

    expect(await closed(child)).toEqual({ code: 141, signal: null });
  });
});

function start(args: readonly string[], stdin: "pipe" | number): ChildProcess {
  const model = ["-m", join(recordedFolder, "random-tiny.gguf")];
  const usual = args.includes("-c") ? [] : endless.slice(0, -2);
  return spawn(process.execPath, [program, ...model, ...usual, ...args], {
    stdio: [stdin, "pipe", "ignore"],
  });
}

function closed(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

async function collect(stream: ChildProcess["stdout"]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
