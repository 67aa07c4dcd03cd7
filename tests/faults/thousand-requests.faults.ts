import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { HandlerHost } from "../helpers/handler-host.ts";
import { HostProcess } from "../helpers/host-process.ts";
import { processesWith, waitUntil } from "../helpers/processes.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { urlEvent } from "../helpers/url-event.ts";
import { type EngineName, engineNames } from "./helpers/faulty.ts";
import { itOnLinux, opened } from "./helpers/opened.ts";
import { askWhole, streamAnswer } from "./helpers/served-answer.ts";

/** Growth of the heap in the second half that is a leak: for each request, and what is noise. */
const leakBytes = 1024;
const noiseBytes = 512 * 1024;

/** Growth of the whole process in the second half that an allocator may cause. */
const residentAllowanceBytes = 24 * 2 ** 20;

const limitMs = 180_000;
const quickLlamaCli = join(import.meta.dirname, "../fixtures/quick-llama-cli.sh");
const folder = temporaryFolder();
/**
 * Sends requests, the first tenth to fill caches, and fails when the host has left anything open
 * or has grown steadily from the middle to the end.
 *
 * @returns how often each outcome occurred
 */
async function expectNoLeak(
  host: HostProcess,
  requests: number,
  ask: (at: number) => Promise<number | string>,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (let at = 0; at < requests / 10; at++) await ask(at);
  const start = await host.state();
  let middle = start;
  for (let at = 0; at < requests; at++) {
    if (at === requests / 2) middle = await host.state();
    const outcome = await ask(at);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const end = await host.state();
  expect([...end.descriptors].sort()).toEqual([...start.descriptors].sort());
  expect([...end.resources].sort()).toEqual([...start.resources].sort());
  expect(end.warnings).toEqual([]);
  expect(end.heapBytes - middle.heapBytes).toBeLessThan(
    Math.max((leakBytes * requests) / 2, noiseBytes),
  );
  expect(end.rssBytes - middle.rssBytes).toBeLessThan(residentAllowanceBytes);
  // tsx, which runs the local server here, has a folder of its own.
  expect(readdirSync(folder).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
  return outcomes;
}

const chatEvent = (body: object) => urlEvent({ body: Buffer.from(JSON.stringify(body)) });

/** The requests in turn, invalid ones among them. */
const mixture = [
  { prompt: "Hi there" },
  { messages: [{ role: "user", content: "Hi" }], stop: ["\n"] },
  chatEvent({ messages: [{ role: "user", content: "Hi" }], stream: true }),
  chatEvent({ messages: [{ role: "user", content: "Hi" }] }),
  { prompt: "" },
  { prompt: "Hi", top_q: 1 },
  chatEvent({ model: "another" }),
] as const;

/** Crashes the engine, at every 50th request. */
const crash = { prompt: "Hi", n_predict: 66 };
const crashEvery = 50;

/** Fake engines that answer at once, and how many of their processes last. */
const engines = {
  "llama-cli": { mark: quickLlamaCli, resident: 0, model: "model", leftModel: "model" },
  "llama-server": { mark: folder, resident: 1, model: "crash-at-66", leftModel: "slow-words" },
} as const satisfies Record<EngineName, object>;

/** A host's settings: a quiet log, and a temporary folder that is checked. */
const setupOf = (engine: EngineName, model: string, nodeFlags: readonly string[] = []) => ({
  nodeFlags: ["--expose-gc", ...nodeFlags],
  variables: {
    BITNET_LOG_LEVEL: "error",
    BITNET_KILL_DELAY_MS: "100",
    TMPDIR: folder,
    BITNET_ENGINE: engine,
    BITNET_LLAMA_CLI: quickLlamaCli,
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_MODEL: join(folder, model),
  },
});

describe.each(engineNames)("with %s", (engine) => {
  const { mark, resident, model, leftModel } = engines[engine];
  const engineProcesses = (host: HostProcess) =>
    processesWith(mark).filter((pid) => pid !== host.pid);

  itOnLinux(
    "the handler answers 1,000 requests, invalid ones and crashes among them, without a leak",
    async () => {
      const host = opened(new HandlerHost(setupOf(engine, model)));
      await host.ready;

      const outcomes = await expectNoLeak(host, 1000, async (at) => {
        const event = at % crashEvery === 0 ? crash : mixture[at % mixture.length];
        return (await host.invoke(event ?? crash)).statusCode;
      });

      expect(engineProcesses(host)).toHaveLength(resident);
      expect(Object.keys(outcomes)).toEqual(["200", "400", "500"]);
      expect(outcomes["500"]).toBe(1000 / crashEvery);
    },
    limitMs,
  );

  itOnLinux(
    "the local server answers 300 requests, while every third caller leaves, without a leak",
    async () => {
      const setup = setupOf(engine, leftModel, ["--import", "tsx"]);
      const host = opened(new HostProcess("local-host.mjs", setup));
      const { url } = (await host.ready) as { url: string };

      const outcomes = await expectNoLeak(host, 300, async (at) => {
        if (at % 3 === 0) return leave(url, at);
        return (await (at % 3 === 1 ? askWhole(url) : streamAnswer(url))).status;
      });

      expect(outcomes).toEqual({ 200: 200, left: 100 });
      await waitUntil(() => engineProcesses(host).length === resident);
    },
    limitMs,
  );
});

/** Leaves before the first piece, or at it. */
async function leave(url: string, at: number): Promise<string> {
  const caller = new AbortController();
  const onPiece = () => caller.abort();
  if (at % 2 === 0) setTimeout(onPiece, 2);
  await streamAnswer(url, { signal: caller.signal, onPiece }).catch(() => undefined);
  return "left";
}
