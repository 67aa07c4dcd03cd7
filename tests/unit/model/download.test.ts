import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { download } from "../../../model/download.ts";
import { createHttpGet } from "../../../model/http-client.ts";
import {
  type FileAnswer,
  type FileServer,
  startFileServer,
} from "../../helpers/emulators/file-server.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const body = randomBytes(100_000);
const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const isBody = (path: string) => body.equals(readFileSync(path));
const get = createHttpGet({});
let server: FileServer | undefined;
let files = 0;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Serves the answers, fetches, and tells what was seen. */
async function fetchFrom(
  answers: readonly FileAnswer[],
  options: {
    path?: string;
    sha256?: string;
    freeBytes?: number;
    headers?: Record<string, string>;
  } = {},
) {
  const current = await startFileServer(...answers);
  server = current;
  const path = options.path ?? join(folder, `model-${++files}.gguf`);
  const pauses: number[] = [];
  const progress: number[] = [];
  const outcome = await download(
    {
      url: `${current.url}/model.gguf`,
      path,
      bytes: body.length,
      sha256: options.sha256 ?? sha256Of(body),
      headers: options.headers ?? {},
    },
    {
      get,
      sleep: async (ms) => pauses.push(ms),
      onProgress: (bytes) => {
        progress.push(bytes);
        current.acknowledge(bytes);
      },
      freeBytes: async () => options.freeBytes ?? 1e12,
    },
  ).catch((error: Error) => error);
  return { path, outcome, pauses, progress, requests: current.requests };
}

describe("download", () => {
  it("fetches a file and leaves nothing else behind", async () => {
    const { path, outcome, progress } = await fetchFrom([{ body, etag: '"1"' }]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(existsSync(`${path}.partial.etag`)).toBe(false);
    expect(progress.at(-1)).toBe(body.length);
  });

  it("takes up where the connection broke, asking for the same file only", async () => {
    const { path, outcome, requests } = await fetchFrom([
      { body, etag: '"1"', breakAfter: 40_000 },
      { body, etag: '"1"' },
    ]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(requests[1]?.headers.range).toBe("bytes=40000-");
    expect(requests[1]?.headers["if-range"]).toBe('"1"');
  });

  it("arrives at the right bytes however often the connection breaks", async () => {
    const breaks = fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(breaks, async (lengths) => {
        const { path, outcome } = await fetchFrom([
          ...lengths.map((breakAfter) => ({ body, etag: '"1"', breakAfter })),
          { body, etag: '"1"' },
        ]);
        expect(outcome).toBeUndefined();
        expect(sha256Of(readFileSync(path))).toBe(sha256Of(body));
        await server?.close();
      }),
      { numRuns: 20 },
    );
  });

  it("takes up in a later run what an earlier one left", async () => {
    const path = join(folder, "left.gguf");
    const failed = await fetchFrom(
      [
        { body, etag: '"1"', breakAfter: 30_000 },
        { body, status: 404 },
      ],
      {
        path,
      },
    );
    expect(failed.outcome).toMatchObject({ name: "UserError" });
    expect(existsSync(path)).toBe(false);
    await server?.close();

    const { outcome, requests } = await fetchFrom([{ body, etag: '"1"' }], { path });

    expect(outcome).toBeUndefined();
    expect(requests[0]?.headers.range).toBe("bytes=30000-");
    expect(requests[0]?.headers["if-range"]).toBe('"1"');
    expect(isBody(path)).toBe(true);
  });

  it("starts over when the file has changed on the server", async () => {
    const { path, outcome } = await fetchFrom([
      { body: randomBytes(body.length), etag: '"old"', breakAfter: 40_000 },
      { body, etag: '"new"' },
    ]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("starts over when a server without strong marks has another file", async () => {
    const { path, outcome } = await fetchFrom([
      { body: randomBytes(body.length), etag: 'W/"old"', breakAfter: 40_000 },
      { body, etag: 'W/"new"' },
    ]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("starts over when the server cannot send a part", async () => {
    const { path, outcome } = await fetchFrom([
      { body, breakAfter: 40_000 },
      { body, ignoresRange: true },
    ]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("fetches the whole file when what an earlier run left turns out damaged", async () => {
    const path = join(folder, "damaged.gguf");
    writeFileSync(`${path}.partial`, randomBytes(5000));

    const { outcome } = await fetchFrom([{ body }], { path });

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("fetches the whole file when what an earlier run left is too long", async () => {
    const path = join(folder, "long.gguf");
    writeFileSync(`${path}.partial`, randomBytes(body.length + 1));

    const { outcome } = await fetchFrom([{ body }], { path });

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("refuses a file with another sha256 and keeps nothing of it", async () => {
    const flipped = Buffer.from(body);
    flipped[5000] = (flipped[5000] ?? 0) ^ 1;

    const { path, outcome } = await fetchFrom([{ body: flipped }]);

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(String(outcome)).toContain(sha256Of(flipped));
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}.partial`)).toHaveLength(0);
  });

  it.each<[string, FileAnswer]>([
    ["a file of another length", { body: randomBytes(10) }],
    [
      "more bytes than were pinned, told beforehand or not",
      { body: randomBytes(body.length + 1), claimedBytes: null },
    ],
    ["more bytes than it says", { body: randomBytes(body.length + 1), claimedBytes: body.length }],
  ])("refuses %s", async (_case, answer) => {
    const { path, outcome } = await fetchFrom([answer]);

    expect(outcome).toBeInstanceOf(Error);
    expect(existsSync(path)).toBe(false);
    expect(statSync(`${path}.partial`).size).toBeLessThanOrEqual(body.length);
  });

  it("does not put a part where it does not belong", async () => {
    const { path, outcome, requests } = await fetchFrom([
      { body, etag: '"1"', breakAfter: 40_000 },
      { body, etag: '"1"', skippedBytes: 10 },
    ]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    // What came after the gap was not even taken: the next request was for the whole file.
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=40000-",
      undefined,
    ]);
  });

  it("waits longer and longer for a server in trouble, then gives up", async () => {
    const { outcome, pauses } = await fetchFrom([{ body, status: 503 }]);

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(String(outcome)).toContain("status 503");
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  it("does not count tries that brought something", async () => {
    const breaks = Array.from({ length: 9 }, () => ({ body, etag: '"1"', breakAfter: 10_000 }));

    const { outcome, pauses } = await fetchFrom([...breaks, { body, etag: '"1"' }]);

    expect(outcome).toBeUndefined();
    expect(pauses).toEqual(breaks.map(() => 1000));
  });

  it.each([
    [401, /HF_TOKEN/],
    [403, /HF_TOKEN/],
    [404, /MODEL_REVISION/],
  ])("does not repeat what status %i refuses", async (status, advice) => {
    const { outcome, requests } = await fetchFrom([{ body, status }]);

    expect(String(outcome)).toMatch(advice);
    expect(requests).toHaveLength(1);
  });

  it("says how to go on when no server answers", async () => {
    const gone = await startFileServer({ body });
    await gone.close();

    const outcome = await download(
      { url: gone.url, path: join(folder, "gone.gguf"), bytes: 1, sha256: "", headers: {} },
      { get, sleep: async () => {}, onProgress: () => {}, freeBytes: async () => 1e12 },
    ).catch(String);

    expect(outcome).toMatch(/ECONNREFUSED.*run this again.*MODEL_BASE_URL.*BITNET_MODEL/s);
  });

  it("asks for room before it fetches anything", async () => {
    const { outcome, requests } = await fetchFrom([{ body }], { freeBytes: 1000 });

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(requests).toHaveLength(0);
  });

  it("follows redirects, and keeps the token from other hosts", async () => {
    const storage = await startFileServer({ body });
    const { path, outcome, requests } = await fetchFrom([{ body, location: `${storage.url}/x` }], {
      headers: { authorization: "Bearer secret" },
    });
    await storage.close();

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(requests[0]?.headers.authorization).toBe("Bearer secret");
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("stops when told to, keeping what has come", async () => {
    server = await startFileServer({ body, etag: '"1"' });
    const stop = new AbortController();
    const path = join(folder, "stopped.gguf");

    const outcome = download(
      { url: server.url, path, bytes: body.length, sha256: sha256Of(body), headers: {} },
      {
        get,
        sleep: async () => {},
        onProgress: () => stop.abort(),
        signal: stop.signal,
        freeBytes: async () => 1e12,
      },
    );

    await expect(outcome).rejects.toThrow(/abort/i);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}.partial`).length).toBeGreaterThan(0);
  });
});
