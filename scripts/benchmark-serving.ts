import { readFile } from "node:fs/promises";
import { completeLocalEnvironment } from "./local-environment.ts";
import { type Spread, spreadOf, spreadText } from "./statistics.ts";

// `make bench-serving`: what a stream costs on its way out, and how fast an abort frees the engine,
// for each engine there is. ROUNDS says how often (default 15).

const rounds = Number(process.env.ROUNDS || 15);
const question = { messages: [{ role: "user", content: "Tell me a joke about programming." }] };
const body = { ...question, temperature: 0, repeat_penalty: 1, max_tokens: 400, stream: true };
/** The limits, in milliseconds. */
const limits = { firstByteMs: 20, abortMs: 100 } as const;
process.env.BITNET_LOG_LEVEL = "error";

let isWithin = true;
for (const engine of ["llama-cli", "llama-server"]) await measure(engine);
process.exitCode = isWithin ? 0 : 1;

async function measure(engine: string): Promise<void> {
  process.env.BITNET_ENGINE = engine;
  const { engineName, modelName } = completeLocalEnvironment();
  const { startLocalServer } = await import("../runtime/local-server.ts");
  const server = await startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });
  await untilHealthy(server.url);
  console.log(
    `${engineName} · ${modelName}, ${rounds} rounds; median (10th to 90th percentile), ms`,
  );
  const firstBytes: number[] = [];
  const aborts: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const firstByte = await firstByteBehindEngine(server.url);
    const abort = await abortToFree(server.url);
    if (round < 0) continue;
    firstBytes.push(firstByte);
    aborts.push(abort);
  }
  await server.close();
  report("first byte behind the engine's first token", spreadOf(firstBytes), limits.firstByteMs);
  report("abort to a free engine", spreadOf(aborts), limits.abortMs);
}

function report(what: string, spread: Spread, limit: number): void {
  // The spread is the machine's as well as ours; the median is what is judged.
  const isFine = spread.median <= limit;
  isWithin &&= isFine;
  const verdict = isFine ? `within ${limit}` : `MORE THAN ${limit}`;
  console.log(`  ${what.padEnd(44)} ${spreadText(spread)}, ${verdict}`);
}

/** Time from asking to the first byte, less the engine's own time to its first token. */
async function firstByteBehindEngine(url: string): Promise<number> {
  const startedAt = performance.now();
  const response = await ask(url, { ...body, max_tokens: 8 });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? "";
  const firstMs = performance.now() - startedAt;
  for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
    text += step.value;
  }
  const engineMs = Number(/"first_token_ms":([\d.]+)/.exec(text)?.[1]);
  return firstMs - engineMs;
}

/** Time from aborting a stream until the engine does nothing for it any more. */
async function abortToFree(url: string): Promise<number> {
  const caller = new AbortController();
  const before = await childProcesses();
  const response = await ask(url, body, caller.signal);
  await response.body?.getReader().read();
  const engines = (await childProcesses()).filter((pid) => !before.includes(pid));
  const abortedAt = performance.now();
  caller.abort();
  // llama-cli's process is gone; llama-server answers the next request at once.
  if (process.env.BITNET_ENGINE === "llama-cli") {
    while ((await childProcesses()).some((pid) => engines.includes(pid))) await tick();
    return performance.now() - abortedAt;
  }
  const next = await ask(url, { ...body, max_tokens: 1, stream: false });
  const { bitnet } = JSON.parse(await next.text());
  return performance.now() - abortedAt - bitnet.timings.total_ms;
}

/** Process ids of what this process runs. */
async function childProcesses(): Promise<number[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
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

async function untilHealthy(url: string): Promise<void> {
  while (!(await fetch(`${url}/health`)).ok) await tick();
}
