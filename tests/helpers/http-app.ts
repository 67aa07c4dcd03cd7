import { type App, createApp } from "../../runtime/http/app.ts";
import { type Line, type ServiceScript, scriptedService } from "./fakes/scripted-service.ts";

/** What an app under test is made of. */
export interface AppScript extends ServiceScript {
  readonly apiKeySha256?: string;
  readonly corsOrigins?: readonly string[];
  readonly remainingMs?: () => number;
}

/** The HTTP core on a scripted engine, and what it logs. */
export function scriptedCore(script: AppScript = {}): { app: App; lines: Line[] } {
  const lines: Line[] = [];
  const app = createApp({
    config: { apiKeySha256: script.apiKeySha256, corsOrigins: script.corsOrigins ?? [] },
    service: scriptedService({ onLine: (line) => lines.push(line), ...script }),
  });
  return { app, lines };
}

/** The HTTP core on a scripted engine, with short ways to ask it. */
export function scriptedApp(script: AppScript = {}) {
  const { app, lines } = scriptedCore(script);
  const gone = new AbortController();
  const fetchApp = (method: string, path: string, body?: unknown, headers = {}) =>
    app(
      new Request(new URL(path, "http://localhost"), {
        method,
        headers,
        ...(body !== undefined && { body: isSentAsItIs(body) ? body : JSON.stringify(body) }),
      }),
      {
        requestId: "id-1",
        remainingMs: script.remainingMs ?? (() => 120_000),
        signal: gone.signal,
      },
    );
  return {
    lines,
    leave: () => gone.abort(),
    fetch: fetchApp,
    get: (path: string, headers = {}) => fetchApp("GET", path, undefined, headers),
    post: (path: string, body: unknown, headers = {}) => fetchApp("POST", path, body, headers),
  };
}

function isSentAsItIs(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === "string" || body instanceof Uint8Array;
}

/** A request of each generating route. */
export const chatBody = { messages: [{ role: "user", content: "Hi" }] } as const;
export const completionBody = { prompt: "Hi" } as const;

/** The data of every event of a streamed answer. */
export async function dataOf(response: Response): Promise<string[]> {
  const text = await response.text();
  expect(text).toMatch(/\n\n$/);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((event) => event.replace(/^data: /, ""));
}

/** The chunks of a streamed answer, which `[DONE]` closes, untyped. */
export async function chunksOf(response: Response | Promise<Response>) {
  const data = await dataOf(await response);
  expect(data.pop()).toBe("[DONE]");
  return data.map((event) => JSON.parse(event));
}

/** A response's JSON, untyped: tests say what they expect of it. */
export async function jsonOf(response: Response | Promise<Response>) {
  return JSON.parse(await (await response).text());
}
