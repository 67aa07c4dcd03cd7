import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultMostWaiting as mostWaiting } from "../../runtime/engine/request-queue.ts";
import type { LocalServer } from "../../runtime/local-server.ts";
import { quantile } from "../../scripts/lab/statistics.ts";
import { fakeLlamaCli } from "../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { type EngineName, engineNames } from "../helpers/fakes/planned-engine.ts";

import { serveApplication } from "../helpers/http-server.ts";
import { waitUntil } from "../helpers/processes.ts";
import { itSurvives } from "./helpers/fault.ts";

const callers = 200;

/** One answer that is under way, and as many waiting as may. */
const places = mostWaiting + 1;

const folder = mkdtempSync(join(tmpdir(), "bitnet-fault-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const chat = { messages: [{ role: "user", content: "Hi there" }] };

/** Every way in, in turn. */
const waysIn: readonly { readonly path: string; readonly body: object }[] = [
  { path: "/v1/chat/completions", body: chat },
  { path: "/v1/chat/completions", body: { ...chat, stream: true } },
  { path: "/v1/completions", body: { prompt: "Hi there" } },
  { path: "/completion", body: { prompt: "Hi there", stream: true } },
  { path: "/2015-03-31/functions/bitnet/invocations", body: { prompt: "Hi there" } },
];

interface Outcome {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
  readonly tookMs: number;
}

async function ask(url: string, at: number, signal?: AbortSignal): Promise<Outcome> {
  const { path, body } = waysIn[at % waysIn.length] ?? { path: "/", body: {} };
  const startedAt = performance.now();
  const response = await fetch(new URL(path, url), {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const tookMs = performance.now() - startedAt;
  return { status: response.status, retryAfter: response.headers.get("retry-after"), text, tookMs };
}

/** Milliseconds of some outcomes: the middle one and the longest. */
function times(outcomes: readonly Outcome[]): string {
  const all = outcomes.map(({ tookMs }) => tookMs);
  return `median ${quantile(all, 0.5).toFixed(0)} ms, longest ${quantile(all, 1).toFixed(0)} ms`;
}

describe("200 callers at the same time", () => {
  const variables: Record<EngineName, Record<string, string>> = {
    "llama-cli": { BITNET_MODEL: join(folder, "gated") },
    "llama-server": { BITNET_MODEL: join(folder, "words") },
  };
  const texts: Record<EngineName, RegExp> = { "llama-cli": /alone/, "llama-server": /wörd4|rd4/ };

  for (const engine of engineNames) {
    itSurvives({
      fault: `ask ${engine} by every way in`,
      must: `${places} have a place, each answer runs alone, the others get 429 at once`,
      async run() {
        const server = await startServer({ BITNET_ENGINE: engine, ...variables[engine] });
        const outcomes = await Promise.all(
          Array.from({ length: callers }, (_, at) => ask(server.url, at)),
        );
        const health = await fetch(new URL("/health", server.url));
        await server.close();

        const answered = outcomes.filter(({ status }) => status === 200);
        const refused = outcomes.filter(({ status }) => status === 429);
        expect(answered.length + refused.length).toBe(callers);
        expect(answered.length).toBeGreaterThanOrEqual(places);
        for (const { text } of answered) expect(text).toMatch(texts[engine]);
        const invoked = refused.filter(({ text }) => text.includes("Rate Exceeded"));
        const toldWhen = refused.filter(({ retryAfter }) => retryAfter === "5");
        expect(invoked.length + toldWhen.length).toBe(refused.length);
        expect(refused.length).toBeGreaterThan(0);
        expect(health.status).toBe(200);
        return {
          happened: "all of them were answered or refused, and the server is well",
          figures: {
            answered: `${answered.length} (${times(answered)})`,
            refused: `${refused.length} (${times(refused)})`,
          },
        };
      },
    });
  }

  itSurvives({
    fault: "leave while waiting, one after the other, while others come",
    must: "each place is free at once, who left is never begun, who stayed is answered",
    async run() {
      const model = join(folder, "gated");
      rmSync(`${model}.runs`, { force: true });
      const runs = () =>
        existsSync(`${model}.runs`) ? readFileSync(`${model}.runs`, "utf8").length : 0;
      writeFileSync(`${model}.closed`, "");
      const { application, url, close } = await serveApplication({
        BITNET_LLAMA_CLI: fakeLlamaCli,
        BITNET_MODEL: model,
      });
      const { isBusy } = application;
      const staying = [ask(url, 0)];
      await waitUntil(() => runs() === 1);
      const leaving = Array.from({ length: mostWaiting }, (_, at) => {
        const caller = new AbortController();
        // By the HTTP routes only: Lambda does not tell an invocation that its caller has gone.
        const left = ask(url, at % 4, caller.signal).catch((error: Error) => error.name);
        return { caller, left };
      });
      await waitUntil(isBusy);
      const refused = await ask(url, 0);

      const freeAfterMs: number[] = [];
      for (const { caller } of leaving) {
        const leftAt = performance.now();
        caller.abort();
        await waitUntil(() => !isBusy());
        freeAfterMs.push(performance.now() - leftAt);
        staying.push(ask(url, staying.length % 4));
        await waitUntil(isBusy);
      }
      rmSync(`${model}.closed`);
      const answered = await Promise.all(staying);
      const left = await Promise.all(leaving.map((leaver) => leaver.left));
      await close();

      expect(refused.status).toBe(429);
      expect(left).toEqual(Array(mostWaiting).fill("AbortError"));
      expect(answered.filter(({ status }) => status === 200)).toHaveLength(places);
      for (const { text } of answered) expect(text).toContain("alone");
      expect(runs()).toBe(places);
      return {
        happened: `${left.length} left and ${answered.length} were answered by as many runs of the engine`,
        figures: {
          "place free after": `median ${quantile(freeAfterMs, 0.5).toFixed(1)} ms, longest ${quantile(freeAfterMs, 1).toFixed(1)} ms`,
        },
      };
    },
  });
});

/** The local server with a fake engine. */
async function startServer(variables: Record<string, string>): Promise<LocalServer> {
  Object.assign(process.env, {
    BITNET_LLAMA_CLI: fakeLlamaCli,
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_LOG_LEVEL: "error",
    ...variables,
  });
  const { startLocalServer } = await import("../../runtime/local-server.ts");
  return startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });
}
