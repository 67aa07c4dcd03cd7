import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { AppError } from "../../../../../runtime/errors.ts";
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

/** Runs a scenario that is expected to fail and gives its error. */
async function failure(scenario: string): Promise<AppError> {
  return collect(fakeEngine(scenario).generate(requestOf("Hi"), never())).then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );
}

describe("the llama-cli engine", () => {
  it("gives text, counts and timings of a run", async () => {
    const { text, end } = await collect(fakeEngine("fast").generate(requestOf("Hi"), never()));

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

    const { text } = await collect(engine.generate(requestOf("Hi"), never()));

    const names = Object.keys(JSON.parse(text).environment);
    expect(names).toContain("PATH");
    expect(names.filter((name) => /LLAMA|AWS/.test(name))).toEqual([]);
  });

  it("puts characters together that arrive byte by byte", async () => {
    const { text, pieces } = await collect(
      fakeEngine("split-utf8").generate(requestOf("Hi"), never()),
    );

    expect(text).toBe("é 日本 😀");
    expect(pieces.join("|")).not.toContain("\ufffd");
  });

  it("removes the closing lines at the very end only", async () => {
    const { text, end } = await collect(
      fakeEngine("marker-in-text").generate(requestOf("Hi"), never()),
    );

    expect(text).toBe("one [end of text]\ntwo\n\nthree");
    expect(end.finishReason).toBe("length");
  });

  it("survives a flood on standard error and reads the figures behind it", async () => {
    const { text, end } = await collect(
      fakeEngine("stderr-flood").generate(requestOf("Hi"), never()),
    );

    expect(text).toBe("after the flood");
    expect(end.usage).toEqual({ promptTokens: 1, predictedTokens: 4 });
  });

  it.each([
    ["crash-mid-word", "engine-failed", /crashed \(signal SIGSEGV\)/],
    ["killed-by-kernel", "engine-killed", /killed/],
    ["silent", "engine-silent", /printed nothing/],
    ["ends-half-way", "engine-failed", /its answer has no end \(exit code 0\)/],
  ])("tells the fault %s as %s", async (scenario, kind, message) => {
    expect(await failure(scenario)).toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ["/no/such/llama-cli", "engine-missing"],
    [join(import.meta.dirname, "engine.test.ts"), "engine-missing"],
    [join(fakeLlamaCli, "below-a-file"), "engine-missing"],
  ])("tells that %s cannot be run", async (path, kind) => {
    const engine = llamaCliEngine(fakeConfig("fast", { BITNET_LLAMA_CLI: path }));

    await expect(collect(engine.generate(requestOf("Hi"), never()))).rejects.toMatchObject({
      kind,
    });
  });

  it("tells that the prompt could not be handed over", async () => {
    const engine = llamaCliEngine(fakeConfig("fast"), { temporaryFolder: "/no/such/folder" });

    await expect(collect(engine.generate(requestOf("Hi"), never()))).rejects.toMatchObject({
      kind: "engine-unavailable",
      message: expect.stringContaining("temporary folder"),
    });
  });

  it.each(["slow-words", "slow-start", "ignores-sigterm"])(
    "ends %s when told to, with the text so far",
    async (scenario) => {
      const controller = new AbortController();
      const engine = fakeEngine(scenario, { BITNET_KILL_DELAY_MS: "50" });
      const pieces: string[] = [];
      if (scenario === "slow-start") setImmediate(() => controller.abort());

      let finishReason: string | undefined;
      for await (const event of engine.generate(requestOf("Hi"), controller.signal)) {
        if (event.type === "generation-end") finishReason = event.finishReason;
        else if (pieces.push(event.text) === 3) controller.abort();
      }

      expect(finishReason).toBe("aborted");
      expect(pieces.join("")).toMatch(scenario === "slow-start" ? /^$/ : /^word0 word1 word2/);
    },
  );

  it("takes an answer for whole that the model has ended, when the engine does not", async () => {
    const engine = fakeEngine("stuck-at-its-end", { BITNET_KILL_DELAY_MS: "50" });

    const { text, end } = await collect(engine.generate(requestOf("Hi"), AbortSignal.timeout(500)));

    expect({ text, reason: end.finishReason }).toEqual({ text: "Hello world", reason: "stop" });
  });

  it("counts the pieces when the engine was stopped before it could count", async () => {
    const controller = new AbortController();
    const engine = fakeEngine("slow-words");
    const seen: string[] = [];

    for await (const event of engine.generate(requestOf("Hi"), controller.signal)) {
      if (event.type === "text-delta" && seen.push(event.text) === 2) controller.abort();
      if (event.type === "generation-end") {
        expect(event.usage).toEqual({ promptTokens: null, predictedTokens: seen.length });
      }
    }

    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  it("kills what the engine has started as well", async () => {
    const controller = new AbortController();
    let grandchild = 0;

    for await (const event of fakeEngine("has-grandchild").generate(
      requestOf("Hi"),
      controller.signal,
    )) {
      if (event.type !== "text-delta") continue;
      grandchild ||= Number.parseInt(event.text, 10);
      controller.abort();
    }

    expect(grandchild).toBeGreaterThan(0);
    await waitUntil(() => !isAlive(grandchild));
  });

  it("kills the engine when its reader leaves", async () => {
    let grandchild = 0;
    for await (const event of fakeEngine("has-grandchild").generate(requestOf("Hi"), never())) {
      if (event.type === "text-delta") grandchild = Number.parseInt(event.text, 10);
      break;
    }

    expect(grandchild).toBeGreaterThan(0);
    await waitUntil(() => !isAlive(grandchild));
  });

  // Of a SIGKILL nobody hears: then the engine ends at its next write.
  it.each([
    ["SIGTERM", "stuck"],
    ["SIGINT", "stuck"],
    ["SIGHUP", "stuck"],
    ["exit", "stuck"],
    ["SIGKILL", "slow-words"],
  ] as const)("leaves no orphan when its own process ends by %s", async (ending, scenario) => {
    const host = spawn(
      process.execPath,
      [
        "--import",
        "tsx",
        join(import.meta.dirname, "../../../../fixtures/engine-host.ts"),
        scenario,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
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
    const killer = join(import.meta.dirname, "../../../../fixtures/parent-killer.sh");
    const variables = { BITNET_LLAMA_CLI: killer, BITNET_MODEL: mark };
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
