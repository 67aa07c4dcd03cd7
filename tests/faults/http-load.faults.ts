import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultMostWaiting as mostWaiting } from "../../runtime/engine/request-queue.ts";
import { startLocalServer } from "../../runtime/local-server.ts";
import { fakeLlamaCli } from "../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { serveApplication } from "../helpers/http-server.ts";
import { waitUntil } from "../helpers/processes.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const callers = 200;

/** One answer that is under way, and as many waiting as may. */
const places = mostWaiting + 1;

const folder = temporaryFolder();
const chat = { messages: [{ role: "user", content: "Hi there" }] };

/** Every way in, in turn; the Invoke API last. */
const waysIn: readonly { readonly path: string; readonly body: object }[] = [
  { path: "/v1/chat/completions", body: chat },
  { path: "/v1/chat/completions", body: { ...chat, stream: true } },
  { path: "/v1/completions", body: { prompt: "Hi there" } },
  { path: "/completion", body: { prompt: "Hi there", stream: true } },
  { path: "/2015-03-31/functions/bitnet/invocations", body: { prompt: "Hi there" } },
];

async function ask(url: string, at: number, signal?: AbortSignal) {
  const { path, body } = waysIn[at % waysIn.length] ?? { path: "/", body: {} };
  const response = await fetch(new URL(path, url), {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, text: await response.text() };
}

// Each engine with a model that shows an answer of its own.
it.each([
  ["llama-cli", "gated", /alone/],
  ["llama-server", "words", /wörd4|rd4/],
] as const)(
  `with %s answers at least ${places} of 200 callers at once, each alone, and refuses the others`,
  async (engine, model, text) => {
    Object.assign(process.env, {
      BITNET_ENGINE: engine,
      BITNET_LLAMA_CLI: fakeLlamaCli,
      BITNET_LLAMA_SERVER: fakeLlamaServer,
      BITNET_MODEL: join(folder, model),
      BITNET_LOG_LEVEL: "error",
    });
    const server = await startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });

    const answers = await Promise.all(
      Array.from({ length: callers }, (_, at) => ask(server.url, at)),
    );
    const health = await fetch(new URL("/health", server.url));
    await server.close();

    const [answered, refused] = [200, 429].map((code) =>
      answers.filter(({ status }) => status === code),
    );
    expect(answered?.length).toBeGreaterThanOrEqual(places);
    expect(refused).toHaveLength(callers - (answered?.length ?? 0));
    for (const answer of answered ?? []) expect(answer.text).toMatch(text);
    for (const { retryAfter, text: said } of refused ?? []) {
      expect(retryAfter ?? said).toMatch(/^5$|Rate Exceeded/);
    }
    expect(health.status).toBe(200);
  },
);

it("gives the place of each waiting caller who leaves to the next, and runs no engine for those who left", async () => {
  const model = join(folder, "gated");
  writeFileSync(`${model}.runs`, "");
  const runs = () => readFileSync(`${model}.runs`, "utf8").length;
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
    // By the HTTP routes only: Lambda does not report that an invocation's caller has left.
    const left = ask(url, at % 4, caller.signal).catch((error: Error) => error.name);
    return { caller, left };
  });
  await waitUntil(isBusy);
  const refused = await ask(url, 0);

  for (const { caller } of leaving) {
    caller.abort();
    await waitUntil(() => !isBusy());
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
});
