import { readdirSync } from "node:fs";
import { join } from "node:path";
import { closedBehind } from "../helpers/closed-behind.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { type EngineName, engineNames } from "../helpers/fakes/planned-engine.ts";
import { startHandlerHost } from "../helpers/handler-host.ts";
import { type HostProcess, type HostState, startHostProcess } from "../helpers/host-process.ts";
import { processesWith, waitUntil } from "../helpers/processes.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { askWhole, streamAnswer } from "../helpers/served-answer.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { itSurvives, tally } from "./helpers/fault.ts";

/** Growth of the heap in the second half that is a leak: for each request, and what is noise. */
const leakBytes = 1024;
const noiseBytes = 512 * 1024;

/** Growth of the whole process between the middle and the end that no allocator explains. */
const residentAllowanceMiB = 24;

const quickLlamaCli = join(import.meta.dirname, "../fixtures/quick-llama-cli.sh");
const folder = temporaryFolder();
const noProc =
  process.platform === "linux" ? undefined : "there is no /proc to count descriptors in";
const opened = closedBehind();
let host: HostProcess;

/** Puts requests, and looks into the host at the start and after each quarter. */
async function inQuarters(requests: number, ask: (at: number) => Promise<string>) {
  const outcomes: string[] = [];
  // What every first request of a kind leaves in caches is no leak.
  for (let at = 0; at < requests / 10; at++) await ask(at);
  const states = [await host.state()];
  for (let quarter = 0; quarter < 4; quarter++) {
    for (let at = 0; at < requests / 4; at++) outcomes.push(await ask(at));
    states.push(await host.state());
  }
  return { outcomes, states };
}

/** Fails when something was left behind, or grew steadily from the second quarter to the last. */
function expectNoLeak(states: readonly HostState[], requests: number): Record<string, string> {
  const [start, , middle, , end] = states as [
    HostState,
    HostState,
    HostState,
    HostState,
    HostState,
  ];
  expect([...end.descriptors].sort()).toEqual([...start.descriptors].sort());
  expect([...end.resources].sort()).toEqual([...start.resources].sort());
  expect(end.warnings).toEqual([]);
  const grownBytes = end.heapBytes - middle.heapBytes;
  expect(grownBytes).toBeLessThan(Math.max((leakBytes * requests) / 2, noiseBytes));
  expect((end.rssBytes - middle.rssBytes) / 2 ** 20).toBeLessThan(residentAllowanceMiB);
  // tsx, which runs the local server here, has a folder of its own.
  expect(readdirSync(folder).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
  const course = (read: (state: HostState) => number) =>
    [start, middle, end].map((state) => read(state).toFixed(1)).join(" → ");
  return {
    "heap (start → middle → end)": `${course(({ heapBytes }) => heapBytes / 2 ** 20)} MiB`,
    resident: `${course(({ rssBytes }) => rssBytes / 2 ** 20)} MiB`,
    "heap grown in the second half": `${(grownBytes / 1024).toFixed(0)} KiB`,
    descriptors: `${start.descriptors.length} → ${end.descriptors.length}`,
    "handles and timers": `${start.resources.length} → ${end.resources.length}`,
    "temporary files": "0",
  };
}

/** What a thousand requests are of, in turn: bad ones and crashes among them. */
const mixture = [
  { prompt: "Hi there" },
  { messages: [{ role: "user", content: "Hi" }], stop: ["\n"] },
  urlEvent({ messages: [{ role: "user", content: "Hi" }], stream: true }),
  urlEvent({ messages: [{ role: "user", content: "Hi" }] }),
  { prompt: "" },
  { prompt: "Hi", top_q: 1 },
  urlEvent({ model: "another" }),
] as const;

/** Every so many requests one crashes the engine. */
const crashEvery = 50;
const crash = { prompt: "Hi", n_predict: 66 };

function urlEvent(body: object) {
  return {
    version: "2.0",
    rawPath: "/v1/chat/completions",
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: { http: { method: "POST" } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

const quick = {
  "llama-cli": { BITNET_LLAMA_CLI: quickLlamaCli, BITNET_MODEL: "model" },
  "llama-server": {
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_MODEL: join(folder, "crash-at-66"),
  },
} as const satisfies Record<EngineName, Record<string, string>>;

/** A handler that tells what it holds, with a temporary folder that is looked into. */
async function openHandler(variables: Readonly<Record<string, string>>) {
  const handler = opened(
    await startHandlerHost({
      nodeFlags: ["--expose-gc"],
      variables: { TMPDIR: folder, ...variables },
    }),
  );
  host = handler;
  return handler;
}

describe.each(engineNames)("requests in a row, through the handler, with %s", (engine) => {
  itSurvives({
    fault: "1,000 to a fast stand-in: whole, streamed, refused, and every 50th crashes the engine",
    must: "each answered as it must; no process, descriptor, handle, temporary file or memory left behind",
    notHere: noProc,
    limitMs: 180_000,
    async run() {
      const handler = await openHandler({
        BITNET_ENGINE: engine,
        BITNET_LOG_LEVEL: "error",
        ...quick[engine],
      });

      const { outcomes, states } = await inQuarters(1000, async (at) => {
        const event = at % crashEvery === 0 ? crash : mixture[at % mixture.length];
        return String((await handler.invoke(event ?? crash)).statusCode);
      });

      const figures = expectNoLeak(states, 1000);
      expect(engineProcesses(engine)).toHaveLength(engine === "llama-cli" ? 0 : 1);
      expect(new Set(outcomes)).toEqual(new Set(["200", "400", "500"]));
      expect(outcomes.filter((outcome) => outcome === "500")).toHaveLength(1000 / crashEvery);
      return { happened: tally(outcomes), figures };
    },
  });

  itSurvives({
    fault: "40 to the reference engine with the golden model",
    must: "the same text each time; nothing left behind",
    notHere: noProc,
    limitMs: 180_000,
    async run() {
      const handler = await openHandler({
        BITNET_ENGINE: engine,
        BITNET_LLAMA_CLI: referenceLlamaCli,
        BITNET_LLAMA_SERVER: referenceLlamaServer,
        BITNET_MODEL: goldenModel,
      });
      const texts = new Set<string | undefined>();

      const { outcomes, states } = await inQuarters(40, async () => {
        const { status, content } = await handler.ask({
          prompt: "Hello",
          n_predict: 8,
          temperature: 0,
        });
        texts.add(content);
        return String(status);
      });

      expect(texts.size).toBe(1);
      return { happened: `${tally(outcomes)}, the same text`, figures: expectNoLeak(states, 40) };
    },
  });
});

describe.each(engineNames)("requests in a row, through the local server, with %s", (engine) => {
  itSurvives({
    fault: "300 over HTTP, of which every third caller leaves",
    must: "the others answered; nothing left behind",
    notHere: noProc,
    limitMs: 180_000,
    async run() {
      host = opened(
        await startHostProcess("local-host.mjs", {
          nodeFlags: ["--expose-gc", "--import", "tsx"],
          variables: {
            BITNET_ENGINE: engine,
            BITNET_KILL_DELAY_MS: "100",
            BITNET_LOG_LEVEL: "error",
            TMPDIR: folder,
            ...quick[engine],
            ...(engine === "llama-server" && { BITNET_MODEL: join(folder, "slow-words") }),
          },
        }),
      );
      const { url } = host.told as { url: string };

      const { outcomes, states } = await inQuarters(300, async (at) => {
        if (at % 3 === 0) return leave(url, at);
        const answer = at % 3 === 1 ? await askWhole(url) : await streamAnswer(url);
        return String(answer.status);
      });

      expect(new Set(outcomes)).toEqual(new Set(["200", "left"]));
      await waitUntil(() => engineProcesses(engine).length === (engine === "llama-cli" ? 0 : 1));
      return { happened: tally(outcomes), figures: expectNoLeak(states, 300) };
    },
  });
});

/** A caller who leaves before the first piece, or at it. */
async function leave(url: string, at: number): Promise<string> {
  const caller = new AbortController();
  const onPiece = () => caller.abort();
  if (at % 2 === 0) setTimeout(onPiece, 2);
  await streamAnswer(url, { signal: caller.signal, onPiece }).catch(() => undefined);
  return "left";
}

function engineProcesses(engine: EngineName): number[] {
  return processesWith(engine === "llama-cli" ? quickLlamaCli : folder).filter(
    (pid) => pid !== host.pid,
  );
}
