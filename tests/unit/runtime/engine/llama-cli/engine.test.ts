import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Engine } from "../../../../../runtime/engine/engine.ts";
import { collect, never } from "../../../../helpers/collect.ts";
import {
  fakeConfig,
  fakeEngine,
  fakeLlamaCli,
  llamaCliEngine,
} from "../../../../helpers/fakes/fake-llama-cli.ts";
import { startHandlerHost } from "../../../../helpers/handler-host.ts";
import { isAlive, processesWith, waitUntil } from "../../../../helpers/processes.ts";
import { requestOf } from "../../../../helpers/requests.ts";

const request = requestOf("Hi");

/** Asks an engine a short question. */
const ask = (engine: Engine) => collect(engine.generate(request, never()));

/** A program of the fixtures. */
const fixture = (name: string) => join(import.meta.dirname, "../../../../fixtures", name);

describe("the llama-cli engine", () => {
  it("gives text, counts and timings of a run", async () => {
    const { text, end } = await ask(fakeEngine("fast"));

    expect(text).toBe("Hello world");
    expect(end).toMatchObject({
      finishReason: "stop",
      usage: { promptTokens: 4, predictedTokens: 3 },
      timings: { loadMs: 5, promptMs: 2, predictedMs: 10, predictedTokensPerSecond: 1000 },
    });
    expect(end.timings.firstTokenMs).toBeGreaterThan(0);
    expect(end.timings.totalMs).toBeGreaterThanOrEqual(end.timings.firstTokenMs ?? Number.NaN);
  });

  it("hands the prompt over byte by byte and leaves no file behind", async () => {
    const temporaryFolder = mkdtempSync(join(tmpdir(), "bitnet-test-"));
    const engine = llamaCliEngine(fakeConfig("echo"), { temporaryFolder });
    const prompt = `\u0000 é 😀 \\n "'$(x)\r\n${"long ".repeat(20_000)}\n\n`;

    const { text } = await collect(engine.generate(requestOf(prompt), never()));

    expect(JSON.parse(text).input).toBe(prompt);
    expect(readdirSync(temporaryFolder)).toEqual([]);
    rmdirSync(temporaryFolder);
  });

  it("gives the engine no variable but the few it needs", async () => {
    const environment = { ...process.env, LLAMA_ARG_N_PREDICT: "1", AWS_SECRET_ACCESS_KEY: "s" };
    const engine = llamaCliEngine(fakeConfig("echo"), { environment });

    const { text } = await ask(engine);

    const names = Object.keys(JSON.parse(text).environment);
    expect(names).toContain("PATH");
    expect(names.filter((name) => /LLAMA|AWS/.test(name))).toEqual([]);
  });

  it.each([
    ["characters that arrive byte by byte", "split-utf8", "é 日本 😀", {}],
    [
      "an end mark in the middle",
      "marker-in-text",
      "one [end of text]\ntwo\n\nthree",
      { finishReason: "length" },
    ],
    [
      "figures behind a flood",
      "stderr-flood",
      "after the flood",
      { usage: { promptTokens: 1, predictedTokens: 4 } },
    ],
  ])("reads %s", async (_name, scenario, text, end) => {
    const answer = await ask(fakeEngine(scenario));

    expect(answer).toMatchObject({ text, end });
    expect(answer.pieces.join("|")).not.toContain("\ufffd");
  });

  it.each([
    ["crash-mid-word", "engine-failed", /crashed \(signal SIGSEGV\)/],
    ["killed-by-kernel", "engine-killed", /killed, most likely out of memory/],
    ["silent", "engine-silent", /printed nothing/],
    ["ends-half-way", "engine-failed", /its answer has no end \(exit code 0\)/],
  ])("tells the fault %s as %s", async (scenario, kind, message) => {
    const error = { kind, message: expect.stringMatching(message) };

    await expect(ask(fakeEngine(scenario))).rejects.toMatchObject(error);
  });

  it.each(["/no/such/llama-cli", import.meta.filename, join(fakeLlamaCli, "below-a-file")])(
    "tells that %s cannot be run",
    async (path) => {
      const engine = fakeEngine("fast", { BITNET_LLAMA_CLI: path });

      await expect(ask(engine)).rejects.toMatchObject({ kind: "engine-missing" });
    },
  );

  it("tells that the prompt could not be handed over", async () => {
    const engine = llamaCliEngine(fakeConfig("fast"), { temporaryFolder: "/no/such/folder" });

    await expect(ask(engine)).rejects.toMatchObject({
      kind: "engine-unavailable",
      message: expect.stringContaining("temporary folder"),
    });
  });

  it.each(["is told to stop", "is left by its reader"])(
    "kills what the engine has started as well when it %s",
    async (how) => {
      const controller = new AbortController();
      const engine = fakeEngine("has-grandchild");
      let grandchild = 0;

      for await (const event of engine.generate(request, controller.signal)) {
        if (event.type !== "text-delta") continue;
        grandchild ||= Number.parseInt(event.text, 10);
        if (how === "is left by its reader") break;
        controller.abort();
      }

      expect(grandchild).toBeGreaterThan(0);
      await waitUntil(() => !isAlive(grandchild));
    },
  );

  // Of a SIGKILL nobody hears: then the engine ends at its next write.
  it.each([
    ["SIGTERM", "stuck"],
    ["SIGINT", "stuck"],
    ["SIGHUP", "stuck"],
    ["exit", "stuck"],
    ["SIGKILL", "slow-words"],
  ] as const)("leaves no orphan when its own process ends by %s", async (ending, scenario) => {
    const args = ["--import", "tsx", fixture("engine-host.ts"), scenario];
    const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: host.stdout }), "line");
    const engine = Number(line);
    expect(isAlive(engine)).toBe(true);

    // The host takes SIGUSR2 as the word to leave by process.exit.
    host.kill(ending === "exit" ? "SIGUSR2" : ending);
    await once(host, "close");

    await waitUntil(() => !isAlive(engine));
  });

  it("leaves no orphan when its own process is ended while it starts", async () => {
    // The engine ends its parent itself, at once: one of these comes in the middle of the start.
    const mark = `model-${randomUUID()}`;
    const variables = { BITNET_LLAMA_CLI: fixture("parent-killer.sh"), BITNET_MODEL: mark };
    const ends = Array.from({ length: 8 }, async () => {
      const host = await startHandlerHost({ variables });
      await host.ask().catch(() => undefined);
      return host.close();
    });

    const endings = await Promise.all(ends);

    expect(endings).toEqual(Array(8).fill("SIGTERM"));
    await waitUntil(() => processesWith(mark).length === 0);
  });
});
