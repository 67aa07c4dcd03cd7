import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type LocalServer, startLocalServer } from "../../../../runtime/local-server.ts";
import { spreadText } from "../../statistics.ts";
import { withVariables } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { compareInTurn, type Experiment } from "../experiment.ts";
import type { Figures } from "../in-turn.ts";

/** Largest acceptable times in milliseconds. */
const limits = { first_byte_ms: 20, abort_ms: 100 } as const;

const engines = ["llama-cli", "llama-server"] as const;

const question = {
  messages: [{ role: "user", content: "Tell me a joke about programming." }],
  temperature: 0,
  repeat_penalty: 1,
  stream: true,
};

/** What streaming adds to the first token, and how soon an abort frees the engine. */
export const streams: Experiment = {
  id: "streams",
  title: "Streams: the first byte, and an abort",
  about:
    "Over HTTP from the local server. The first byte is timed from the engine's first token; the abort from the moment the client disconnects in the middle of an answer until llama-cli's process is gone, or llama-server has begun the next request.",
  async run(bench) {
    // One after the other: each reads this process's variables when it starts.
    const servers: LocalServer[] = [];
    for (const engine of engines) servers.push(await startServer(engine));
    try {
      const alternatives = engines.map(
        (engine, at) => [engine, () => measureStream(engine, servers[at] as LocalServer)] as const,
      );
      const columns = [
        { figure: "first_byte_ms", label: "first byte after the first token", unit: "ms" },
        { figure: "abort_ms", label: "abort to a free engine", unit: "ms" },
      ] as const;
      const comparison = await compareInTurn(bench, Object.fromEntries(alternatives), columns);
      const limitsOf = ({ figure, label }: (typeof columns)[number]) =>
        compare(comparison, figure).map(({ alternative, spread }) => ({
          limit: `${alternative}: ${label} within ${limits[figure]} ms (median)`,
          isMet: spread.median <= limits[figure],
          measured: `${spreadText(spread)} ms`,
        }));
      return { comparisons: [comparison], limits: columns.flatMap(limitsOf) };
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  },
};

async function startServer(engine: string): Promise<LocalServer> {
  const server = await withVariables({ BITNET_ENGINE: engine, BITNET_LOG_LEVEL: "error" }, () =>
    startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 }),
  );
  while (!(await fetch(`${server.url}/health`)).ok) await sleep(5);
  return server;
}

async function measureStream(engine: string, { url }: LocalServer): Promise<Figures> {
  return {
    first_byte_ms: await firstByteAfterToken(url),
    abort_ms: engine === "llama-cli" ? await abortToGone(url) : await abortToNext(url),
  };
}

/** Time from the request to the first byte, less the engine's time to its first token. */
async function firstByteAfterToken(url: string): Promise<number> {
  const startedAt = performance.now();
  const response = await ask(url, { ...question, max_tokens: 8 });
  let firstMs: number | undefined;
  let text = "";
  for await (const bytes of response.body ?? []) {
    firstMs ??= performance.now() - startedAt;
    text += Buffer.from(bytes).toString("latin1");
  }
  const engineMs = Number(/"first_token_ms":([\d.]+)/.exec(text)?.[1]);
  return (firstMs ?? Number.NaN) - engineMs;
}

/** Until llama-cli's process is gone. */
async function abortToGone(url: string): Promise<number> {
  const before = childProcesses();
  const abort = await streamAndAbort(url);
  const engine = childProcesses().filter((pid) => !before.includes(pid));
  const abortedAt = abort();
  while (childProcesses().some((pid) => engine.includes(pid))) await sleep(1);
  return performance.now() - abortedAt;
}

/** Until llama-server begins the next request: the time of its answer is subtracted. */
async function abortToNext(url: string): Promise<number> {
  const abort = await streamAndAbort(url);
  const abortedAt = abort();
  const next = await ask(url, { ...question, max_tokens: 1, stream: false });
  const answer = (await next.json()) as { bitnet: { timings: { total_ms: number } } };
  return performance.now() - abortedAt - answer.bitnet.timings.total_ms;
}

/** Starts a stream; the returned function disconnects and returns the time. */
async function streamAndAbort(url: string): Promise<() => number> {
  const caller = new AbortController();
  const response = await ask(url, { ...question, max_tokens: 400 }, caller.signal);
  await response.body?.getReader().read();
  return () => {
    caller.abort();
    return performance.now();
  };
}

/** Process ids of this process's children. */
function childProcesses(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

async function ask(url: string, request: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify(request),
    ...(signal && { signal }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response;
}
