import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import fc from "fast-check";
import { download } from "../../../../scripts/build/download.ts";
import {
  type FileAnswer,
  type FileServer,
  startFileServer,
} from "../../../helpers/emulators/file-server.ts";
import { waitUntil } from "../../../helpers/processes.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const environment = { ...process.env };
const body = randomBytes(100_000);
const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const isBody = (path: string) => body.equals(readFileSync(path));
const newPath = () => join(folder, `model-${++files}.gguf`);
const leftBeside = (path: string) =>
  readdirSync(folder).filter((name) => name.startsWith(basename(path)));
let server: FileServer | undefined;
let files = 0;

afterEach(async () => {
  process.env = { ...environment };
  await server?.close();
  server = undefined;
});

/** Serves the answers and fetches; returns what the server and the caller saw. */
async function fetchFrom(
  answers: readonly FileAnswer[],
  options: {
    url?: string;
    path?: string;
    sha256?: string;
    token?: string;
    freeBytes?: number;
    pauseMs?: number;
    stallSeconds?: number;
  } = {},
) {
  server = await startFileServer(...answers);
  const { requests } = server;
  const { path = newPath(), url = `${server.url}/model.gguf`, sha256 = sha256Of(body) } = options;
  const { token, pauseMs = 1, freeBytes = 1e12 } = options;
  const progress: number[] = [];
  const outcome = await download(
    { url, path, bytes: body.length, sha256, token },
    {
      onProgress: (bytes) => progress.push(bytes),
      freeBytes: async () => freeBytes,
      pauseMs,
      ...(options.stallSeconds && { stallSeconds: options.stallSeconds }),
    },
  ).catch((error: Error) => error);
  return { path, outcome, progress, requests };
}

describe("download", () => {
  it("fetches a file uncompressed and leaves nothing else behind", async () => {
    const { path, outcome, progress, requests } = await fetchFrom([{ body }]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(leftBeside(path)).toEqual([basename(path)]);
    expect(progress.at(-1)).toBe(body.length);
    expect(requests[0]?.headers["accept-encoding"]).toBeUndefined();
  });

  it("resumes where the connection broke", async () => {
    const { path, outcome, requests } = await fetchFrom([{ body, breakAfter: 40_000 }, { body }]);

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=40000-"]);
  });

  it("arrives at the right bytes however often the connection breaks", async () => {
    const breaks = fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(breaks, async (lengths) => {
        const { path, outcome } = await fetchFrom([
          ...lengths.map((breakAfter) => ({ body, breakAfter })),
          { body },
        ]);
        expect(outcome).toBeUndefined();
        expect(sha256Of(readFileSync(path))).toBe(sha256Of(body));
        await server?.close();
      }),
      { numRuns: 8 },
    );
  });

  it("resumes in a later run what an earlier one left", async () => {
    const path = newPath();
    const failed = await fetchFrom(
      [
        { body, breakAfter: 30_000 },
        { body, status: 404 },
      ],
      { path },
    );
    expect(failed.outcome).toMatchObject({ name: "UserError" });
    expect(existsSync(path)).toBe(false);
    await server?.close();

    const { outcome, requests } = await fetchFrom([{ body }], { path });

    expect(outcome).toBeUndefined();
    expect(requests[0]?.headers.range).toBe("bytes=30000-");
    expect(isBody(path)).toBe(true);
  });

  it.each<{ name: string; answers: FileAnswer[]; left?: Buffer }>([
    {
      name: "the file has changed on the server",
      answers: [{ body: randomBytes(body.length), breakAfter: 40_000 }, { body }],
    },
    {
      name: "the server cannot send a part",
      answers: [
        { body, breakAfter: 40_000 },
        { body, ignoresRange: true },
      ],
    },
    {
      name: "the server sends another part than was asked for",
      answers: [{ body, breakAfter: 40_000 }, { body, skippedBytes: 10 }, { body }],
    },
    {
      name: "what an earlier run left is damaged",
      answers: [{ body }],
      left: randomBytes(5000),
    },
    {
      name: "what an earlier run left is damaged, and has the right length",
      answers: [{ body }],
      left: randomBytes(body.length),
    },
    {
      name: "what an earlier run left is too long",
      answers: [{ body }],
      left: randomBytes(body.length + 1),
    },
  ])("fetches the whole file when $name", async ({ answers, left }) => {
    const path = newPath();
    if (left) writeFileSync(`${path}.partial`, left);

    const { outcome } = await fetchFrom(answers, { path });

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
  });

  it("refuses a file with another sha256 and keeps nothing of it", async () => {
    const flipped = Buffer.from(body);
    flipped[5000] = (flipped[5000] ?? 0) ^ 1;

    const { path, outcome } = await fetchFrom([{ body: flipped }]);

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(String(outcome)).toMatch(
      new RegExp(`sha256 ${sha256Of(flipped)}\n +pinned ${sha256Of(body)}`),
    );
    expect(leftBeside(path)).toEqual([]);
  });

  it.each<[string, FileAnswer, RegExp]>([
    ["a shorter file", { body: randomBytes(10) }, /bytes +10\n +pinned 100000/],
    ["a longer file", { body: randomBytes(body.length + 1) }, /larger than the pinned/],
    [
      "a longer file of unknown length",
      { body: randomBytes(body.length + 1), claimedBytes: null },
      /bytes +100001|larger than the pinned/,
    ],
  ])("refuses %s", async (_case, answer, message) => {
    const { path, outcome, requests } = await fetchFrom([answer]);

    expect(String(outcome)).toMatch(message);
    expect(requests).toHaveLength(1);
    expect(leftBeside(path)).toEqual([]);
  });

  it("waits longer and longer for a server in trouble, then gives up", async () => {
    const startedAt = performance.now();

    const { outcome, requests } = await fetchFrom([{ body, status: 503 }], { pauseMs: 20 });

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(String(outcome)).toContain("status 503");
    expect(requests).toHaveLength(5);
    expect(performance.now() - startedAt).toBeGreaterThan(20 + 40 + 80 + 160);
  });

  it("does not count tries that brought something", async () => {
    const breaks = Array.from({ length: 9 }, () => ({ body, breakAfter: 10_000 }));

    const { outcome, requests } = await fetchFrom([...breaks, { body }]);

    expect(outcome).toBeUndefined();
    expect(requests).toHaveLength(10);
  });

  it("gives up a connection that falls silent, and resumes", async () => {
    const silent = { body: body.subarray(0, 40_000), claimedBytes: body.length };

    const { path, outcome, requests } = await fetchFrom([silent, { body }], { stallSeconds: 1 });

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(requests[1]?.headers.range).toBe("bytes=40000-");
  });

  it.each([
    [401, /HF_TOKEN/],
    [403, /HF_TOKEN/],
    [404, /MODEL_REVISION/],
    [410, /status 410/],
  ])("does not repeat what status %i refuses", async (status, advice) => {
    const { outcome, requests } = await fetchFrom([{ body, status }]);

    expect(String(outcome)).toMatch(advice);
    expect(requests).toHaveLength(1);
  });

  it("says how to go on when no server answers", async () => {
    const gone = await startFileServer({ body });
    await gone.close();

    const { outcome } = await fetchFrom([{ body }], { url: gone.url });

    expect(String(outcome)).toMatch(
      /onnect.*run this again.*MODEL_BASE_URL.*HTTPS_PROXY.*BITNET_MODEL/s,
    );
  });

  it("says so when curl is not installed", async () => {
    process.env.PATH = folder;

    const { outcome } = await fetchFrom([{ body }]);

    expect(outcome).toMatchObject({
      name: "UserError",
      message: expect.stringMatching(/curl is not installed: .*apt-get install curl/),
    });
  });

  it("asks for room before it fetches anything", async () => {
    const { outcome, requests } = await fetchFrom([{ body }], { freeBytes: 1000 });

    expect(outcome).toMatchObject({ name: "UserError" });
    expect(requests).toHaveLength(0);
  });

  it("says so when the file cannot be written, and keeps what was there", async () => {
    const path = newPath();
    symlinkSync("/dev/full", `${path}.partial`);

    const { outcome, requests } = await fetchFrom([{ body }], { path });

    expect(outcome).toMatchObject({
      name: "UserError",
      message: expect.stringMatching(/disk is full.*make room and run this again/),
    });
    expect(requests).toHaveLength(1);
  });

  it("follows redirects, and sends the token to the first host alone", async () => {
    const storage = await startFileServer({ body });
    const location = `${storage.url.replace("127.0.0.1", "localhost")}/x`;
    const { path, outcome, requests } = await fetchFrom([{ body, location }], { token: 'a"\\b' });
    await storage.close();

    expect(outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(requests[0]?.headers.authorization).toBe('Bearer a"\\b');
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("uses the proxy of the environment", async () => {
    server = await startFileServer({ body });
    process.env.HTTP_PROXY = server.url;
    const proxy = server;

    const { outcome } = await fetchFrom([], { url: "http://hub.example/model.gguf" });
    await proxy.close();

    expect(outcome).toBeUndefined();
    expect(proxy.requests[0]?.url).toBe("http://hub.example/model.gguf");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "keeps the part when %s ends it",
    async (signal) => {
      const path = newPath();
      server = await startFileServer(
        { body: body.subarray(0, 40_000), claimedBytes: body.length },
        { body },
      );
      const file = { url: server.url, path, bytes: body.length, sha256: sha256Of(body) };
      const program = `
      const { download } = await import(${JSON.stringify(resolve("scripts/build/download.ts"))});
      await download(${JSON.stringify(file)}, { onProgress() {} });`;
      const args = ["--import", resolve("node_modules/tsx/dist/loader.mjs"), "--input-type=module"];
      const child = spawn(process.execPath, [...args, "--eval", program], { detached: true });
      const ended = once(child, "close");
      const partialBytes = () => statSync(`${path}.partial`, { throwIfNoEntry: false })?.size;
      await waitUntil(() => partialBytes() === 40_000);

      // As a terminal does: to the whole group.
      process.kill(-Number(child.pid), signal);
      await ended;
      const partial = readFileSync(`${path}.partial`);
      await download(file, { onProgress: () => {} });

      expect(partial.equals(body.subarray(0, 40_000))).toBe(true);
      expect(server.requests.at(-1)?.headers.range).toBe("bytes=40000-");
      expect(isBody(path)).toBe(true);
    },
  );
});
