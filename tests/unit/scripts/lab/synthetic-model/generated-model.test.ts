import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type GgufContent, ggufByteLength } from "../../../../../model/gguf-writer.ts";
import { provideGeneratedModel } from "../../../../../scripts/lab/synthetic-model/generated-model.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
let places = 0;

/** A content of ten pieces; `beforePiece` is called before each. */
function contentOf(beforePiece: (index: number) => void = () => {}): GgufContent {
  return {
    metadata: new Map([["general.name", { type: "string", value: "generated" }]]),
    tensors: [
      {
        name: "table",
        type: "F32",
        dimensions: [10, 256],
        *chunks() {
          for (let index = 0; index < 10; index++) {
            beforePiece(index);
            yield Buffer.alloc(1024, index + 1);
          }
        },
      },
    ],
  };
}

/** Provides a file in a folder of its own. */
async function provide(content: GgufContent, prepare: (path: string) => void = () => {}) {
  const place = join(folder, String(places++));
  const path = join(place, "models", "made.gguf");
  prepare(path);
  const progress: number[] = [];
  const run = (tools: { signal?: AbortSignal; freeBytes?: () => Promise<number> } = {}) =>
    provideGeneratedModel(path, content, { onProgress: (bytes) => progress.push(bytes), ...tools });
  const left = () => (existsSync(join(place, "models")) ? readdirSync(join(place, "models")) : []);
  return { path, run, progress, left };
}

describe("provideGeneratedModel", () => {
  it("writes the file and reports progress", async () => {
    const content = contentOf();
    const { path, run, progress, left } = await provide(content);

    const wasThere = await run();

    expect(wasThere).toBe(false);
    expect(left()).toEqual(["made.gguf"]);
    expect(statSync(path).size).toBe(ggufByteLength(content));
    expect(progress.at(-1)).toBe(ggufByteLength(content));
    expect(progress.length).toBeGreaterThan(10);
  });

  it("does not write it again", async () => {
    const pieces: number[] = [];
    const { run } = await provide(contentOf((index) => pieces.push(index)));
    await run();
    const written = pieces.length;

    const wasThere = await run();

    expect(wasThere).toBe(true);
    expect(pieces).toHaveLength(written);
  });

  it.each([
    { name: "another file", prepare: (path: string) => writeFileSync(path, "precious") },
    { name: "a folder", prepare: (path: string) => mkdirSync(path) },
    {
      name: "a file of just its length",
      prepare: (path: string) => writeFileSync(path, Buffer.alloc(ggufByteLength(contentOf()), 1)),
    },
  ])("refuses to write over $name", async ({ prepare }) => {
    const { path, run, left } = await provide(contentOf(), (target) => {
      mkdirSync(join(target, ".."), { recursive: true });
      prepare(target);
    });
    const before = statSync(path);

    await expect(run()).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("remove it, or name another file by OUT"),
    });

    expect(statSync(path).mtimeMs).toBe(before.mtimeMs);
    expect(left()).toEqual(["made.gguf"]);
  });

  it("asks for room first", async () => {
    const { run, left } = await provide(contentOf());

    await expect(run({ freeBytes: async () => 64 * 1024 * 1024 })).rejects.toMatchObject({
      name: "UserError",
    });

    expect(left()).toEqual([]);
  });

  it("keeps nothing when it is stopped half-way", async () => {
    const stop = new AbortController();
    const { run, left } = await provide(contentOf((index) => index === 5 && stop.abort()));

    await expect(run({ signal: stop.signal })).rejects.toThrow(/abort/);

    expect(left()).toEqual([]);
  });

  it("keeps nothing when the disk fills up, and says so", async () => {
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    const { run, left } = await provide(
      contentOf((index) => {
        if (index === 5) throw full;
      }),
    );

    await expect(run()).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("Nothing was kept"),
    });

    expect(left()).toEqual([]);
  });

  it("begins anew where a killed try left something", async () => {
    const content = contentOf();
    const { path, run, left } = await provide(content, (target) => {
      mkdirSync(join(target, ".."), { recursive: true });
      writeFileSync(`${target}.partial`, Buffer.alloc(99_999));
    });

    await run();

    expect(left()).toEqual(["made.gguf"]);
    expect(readFileSync(path).length).toBe(ggufByteLength(content));
  });
});
