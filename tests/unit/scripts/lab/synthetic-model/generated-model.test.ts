import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGguf, type GgufContent } from "../../../../../model/gguf-writer.ts";
import { provideGeneratedModel } from "../../../../../scripts/lab/synthetic-model/generated-model.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
let places = 0;

/** A content of ten pieces; `beforePiece` is called before each. */
function contentOf(beforePiece: (index: number) => void = () => {}): GgufContent {
  const table = {
    name: "table",
    type: "F32",
    dimensions: [10, 256],
    *chunks() {
      for (let index = 0; index < 10; index++) {
        beforePiece(index);
        yield Buffer.alloc(1024, index + 1);
      }
    },
  } as const;
  const metadata = new Map([["general.name", { type: "string", value: "generated" }]] as const);
  return { metadata, tensors: [table] };
}

const expected = Buffer.concat([...encodeGguf(contentOf())]);

/** Provides a file in a folder of its own. */
function provide(content = contentOf(), prepare: (path: string) => void = () => {}) {
  const place = join(folder, String(places++));
  const path = join(place, "made.gguf");
  mkdirSync(place);
  prepare(path);
  const progress: number[] = [];
  const run = (tools: { signal?: AbortSignal; freeBytes?: () => Promise<number> } = {}) =>
    provideGeneratedModel(path, content, { onProgress: (bytes) => progress.push(bytes), ...tools });
  return { path, run, progress, left: () => readdirSync(place) };
}

describe("provideGeneratedModel", () => {
  it("writes the file once, over what a killed try left, and reports progress", async () => {
    const pieces: number[] = [];
    const content = contentOf((index) => pieces.push(index));
    const { path, run, progress, left } = provide(content, (target) => {
      writeFileSync(`${target}.partial`, Buffer.alloc(99_999));
    });

    const wasThere = [await run(), await run()];

    expect(wasThere).toEqual([false, true]);
    expect(pieces).toHaveLength(10);
    expect(left()).toEqual(["made.gguf"]);
    expect(readFileSync(path).equals(expected)).toBe(true);
    expect(progress.at(-1)).toBe(expected.length);
    expect(progress.length).toBeGreaterThan(10);
  });

  it.each<[string, (path: string) => void]>([
    ["another file", (path) => writeFileSync(path, "precious")],
    ["a folder", (path) => mkdirSync(path)],
    ["a file of just its length", (path) => writeFileSync(path, Buffer.alloc(expected.length, 1))],
  ])("refuses to write over %s", async (_name, prepare) => {
    const { path, run, left } = provide(contentOf(), prepare);
    const before = statSync(path);

    await expect(run()).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("remove it, or name another file by OUT"),
    });

    expect(statSync(path).mtimeMs).toBe(before.mtimeMs);
    expect(left()).toEqual(["made.gguf"]);
  });

  it("asks for room first, and keeps nothing when stopped or failed half-way", async () => {
    const stop = new AbortController();
    const cramped = provide();
    const stopped = provide(contentOf((index) => index === 5 && stop.abort()));
    const failing = provide(
      contentOf((index) => {
        if (index === 5) throw new Error("ENOSPC");
      }),
    );

    const noRoom = cramped.run({ freeBytes: async () => 64 * 1024 * 1024 });

    await expect(noRoom).rejects.toMatchObject({ name: "UserError" });
    await expect(stopped.run({ signal: stop.signal })).rejects.toThrow(/abort/);
    await expect(failing.run()).rejects.toThrow("ENOSPC");
    for (const { left } of [cramped, stopped, failing]) expect(left()).toEqual([]);
  });
});
