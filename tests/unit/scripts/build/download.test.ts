import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
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

type Options = Partial<Parameters<typeof download>[0] & Parameters<typeof download>[1]>;

/** Serves the answers and fetches; returns what the server and the caller saw. */
async function fetchFrom(answers: readonly FileAnswer[], options: Options = {}) {
  server = await startFileServer(...answers);
  const path = options.path ?? newPath();
  const progress: number[] = [];
  const outcome = await download(
    { url: `${server.url}/m.gguf`, bytes: body.length, sha256: sha256Of(body), ...options, path },
    {
      onProgress: (bytes) => progress.push(bytes),
      freeBytes: async () => 1e12,
      pauseMs: 1,
      ...options,
    },
  ).catch((error: Error) => error);
  const ranges = server.requests.map(({ headers }) => headers.range);
  return { path, outcome, progress, ranges, requests: server.requests };
}

const broken = (breakAfter: number): FileAnswer => ({ body, breakAfter });
const silent: FileAnswer = { body: body.subarray(0, 40_000), claimedBytes: body.length };

function withoutCurl(): Options {
  process.env.PATH = folder;
  return {};
}

function onFullDisk(): Options {
  const path = newPath();
  symlinkSync("/dev/full", `${path}.partial`);
  return { path };
}

describe("download", () => {
  const another = randomBytes(body.length);
  const from40000 = [undefined, "bytes=40000-"];
  const inTen = [undefined, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => `bytes=${at}0000-`)];

  it.each<[name: string, answers: FileAnswer[], ranges?: unknown[] | undefined, left?: Buffer]>([
    ["in one piece", [{ body }], [undefined]],
    ["from where the connection broke", [broken(40_000), { body }], from40000],
    ["from where the server fell silent", [silent, { body }], from40000],
    ["in ten pieces, as no try was in vain", [...Array(9).fill(broken(10_000)), { body }], inTen],
    ["anew when it has changed on the server", [{ body: another, breakAfter: 40_000 }, { body }]],
    ["anew when the server cannot send a part", [broken(40_000), { body, ignoresRange: true }]],
    [
      "anew when the server sends another part than was asked for",
      [broken(40_000), { body, skippedBytes: 10 }, { body }],
    ],
    ["anew when a former run left damage", [{ body }], undefined, randomBytes(5000)],
    ["anew when a former run left damage of the right length", [{ body }], undefined, another],
    ["anew when a former run left too much", [{ body }], undefined, randomBytes(body.length + 1)],
  ])("fetches a file %s", async (...[, answers, ranges, left]) => {
    const path = newPath();
    if (left) writeFileSync(`${path}.partial`, left);

    const fetched = await fetchFrom(answers, { path, stallSeconds: 1 });

    expect(fetched.outcome).toBeUndefined();
    expect(isBody(path)).toBe(true);
    expect(leftBeside(path)).toEqual([basename(path)]);
    expect(fetched.progress.at(-1)).toBe(body.length);
    expect(fetched.requests[0]?.headers["accept-encoding"]).toBeUndefined();
    if (ranges) expect(fetched.ranges).toEqual(ranges);
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

  const flipped = Buffer.from(body);
  flipped[5000] = (flipped[5000] ?? 0) ^ 1;
  const longer = randomBytes(body.length + 1);

  it.each<[string, FileAnswer, string]>([
    [
      "another sha256",
      { body: flipped },
      `sha256 ${sha256Of(flipped)}\n  pinned ${sha256Of(body)}`,
    ],
    ["a shorter file", { body: randomBytes(10) }, "bytes  10\n  pinned 100000"],
    ["a longer file", { body: longer }, "larger than the pinned"],
    ["status 401", { body, status: 401 }, "HF_TOKEN"],
    ["status 403", { body, status: 403 }, "HF_TOKEN"],
    ["status 404", { body, status: 404 }, "MODEL_REVISION"],
    ["status 410", { body, status: 410 }, "status 410"],
    ["a longer file of unknown length", { body: longer, claimedBytes: null }, "pinned"],
  ])("refuses %s at once and keeps nothing", async (_case, answer, words) => {
    const { path, outcome, requests } = await fetchFrom([answer]);

    expect(outcome).toMatchObject({ name: "UserError", message: expect.stringContaining(words) });
    expect(requests).toHaveLength(1);
    expect(leftBeside(path)).toEqual([]);
  });

  it("waits longer and longer for a server in trouble, then gives up and keeps the part", async () => {
    const startedAt = performance.now();

    const answers = [broken(30_000), { body, status: 503 }];
    const { path, outcome, requests } = await fetchFrom(answers, { pauseMs: 20 });

    const message = expect.stringContaining("status 503");
    expect(outcome).toMatchObject({ name: "UserError", message });
    expect(requests).toHaveLength(5);
    expect(statSync(`${path}.partial`).size).toBe(30_000);
    expect(leftBeside(path)).toEqual([`${basename(path)}.partial`]);
    expect(performance.now() - startedAt).toBeGreaterThan(20 + 40 + 80 + 160);
  });

  it.each<[string, () => Options, RegExp, number]>([
    [
      "no server answers",
      () => ({ url: "http://127.0.0.1:1" }),
      /onnect.*run this again.*MODEL_BASE_URL.*HTTPS_PROXY.*BITNET_MODEL/s,
      0,
    ],
    ["curl is not installed", withoutCurl, /curl is not installed: .*apt-get install curl/, 0],
    ["there is no room", () => ({ freeBytes: async () => 1000 }), /GB are needed.*make room/, 0],
    ["the disk fills up", onFullDisk, /disk is full.*make room and run this again/, 1],
  ])("says what to do when %s", async (_case, options, message, count) => {
    const { outcome, requests } = await fetchFrom([{ body }], options());

    expect(outcome).toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    expect(requests).toHaveLength(count);
  });

  it("follows redirects, and sends the token to the first host alone", async () => {
    const storage = await startFileServer({ body });
    const location = `${storage.url.replace("127.0.0.1", "localhost")}/x`;
    const { path, requests } = await fetchFrom([{ body, location }], { token: 'a"\\b' });
    await storage.close();

    const sent = [...requests, ...storage.requests].map(({ headers }) => headers.authorization);
    expect(isBody(path)).toBe(true);
    expect(sent).toEqual(['Bearer a"\\b', undefined]);
  });

  it("uses the proxy of the environment", async () => {
    const proxy = await startFileServer({ body });
    process.env.HTTP_PROXY = proxy.url;

    const { outcome } = await fetchFrom([], { url: "http://hub.example/model.gguf" });
    await proxy.close();

    expect(outcome).toBeUndefined();
    expect(proxy.requests[0]?.url).toBe("http://hub.example/model.gguf");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "keeps the part when %s ends it",
    async (signal) => {
      const path = newPath();
      server = await startFileServer(silent, { body });
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
