import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { referenceLlamaCli } from "../../../helpers/reference.ts";
import { randomModel } from "./run-llama-cli.ts";

// The program as users get it: bundled, in a process of its own.

const usual = ["--ctx-size", "256", "--temp", "0", "--binary-file", "/dev/stdin"];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-cli-"));
  writeFileSync(join(folder, "prompt.txt"), "Hello world");
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the reference engine as a process", () => {
  it("streams the answer, token by token", async () => {
    const child = start(8);
    let chunks = 0;
    child.stdout?.on("data", () => chunks++);

    expect(await closed(child)).toEqual({ code: 0, signal: null });
    expect(chunks).toBeGreaterThan(2);
  });

  it("reads the prompt from a file handed over as standard input", async () => {
    expect(await collect(start(2).stdout)).toBe("PnVtSIHnuPnXZpHZpb\n\n");
  });

  it("is ended by SIGTERM at once", async () => {
    const child = start(50_000);
    child.stdout?.once("data", () => child.kill("SIGTERM"));

    expect(await closed(child)).toEqual({ code: null, signal: "SIGTERM" });
  });

  it("says so when SIGINT ends it", async () => {
    const child = start(50_000);
    child.stdout?.once("data", () => child.kill("SIGINT"));

    const [text, ending] = await Promise.all([collect(child.stdout), closed(child)]);

    expect(text).toMatch(/\nInterrupted by user\n$/);
    expect(ending).toEqual({ code: 130, signal: null });
  });

  it("ends when its output is closed", async () => {
    const child = start(50_000);
    child.stdout?.once("data", () => child.stdout?.destroy());

    expect(await closed(child)).toEqual({ code: 141, signal: null });
  });
});

function start(predictTokens: number): ChildProcess {
  const args = ["--model", randomModel, ...usual, "--predict", String(predictTokens)];
  const prompt = openSync(join(folder, "prompt.txt"), "r");
  return spawn(referenceLlamaCli, args, { stdio: [prompt, "pipe", "ignore"] });
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
