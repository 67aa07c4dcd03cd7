import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

/** A folder of its own, and the file to provide in it. */
function place(content = contentOf()) {
  const own = join(folder, String(places++));
  const path = join(own, "made.gguf");
  mkdirSync(own);
  const progress: number[] = [];
  const provide = (tools: { signal?: AbortSignal; freeBytes?: () => Promise<number> } = {}) =>
    provideGeneratedModel(path, content, { onProgress: (bytes) => progress.push(bytes), ...tools });
  return { path, provide, progress, left: () => readdirSync(own) };
}

describe("provideGeneratedModel", () => {
  it("writes the file once, over what a killed try left, and reports progress", async () => {
    const { path, provide, progress, left } = place();
    writeFileSync(`${path}.partial`, Buffer.alloc(99_999));

    expect([await provide(), await provide()]).toEqual([false, true]);

    expect(left()).toEqual(["made.gguf"]);
    expect(readFileSync(path).equals(expected)).toBe(true);
    expect([progress.length, progress.at(-1)]).toEqual([12, expected.length]);
  });

  it.each([
    ["another file", "precious"],
    ["a file of just its length", Buffer.alloc(expected.length, 1)],
    ["another model of its length", Buffer.from(expected).fill("G", 56, 57)],
  ])("refuses to write over %s", async (_name, bytes) => {
    const { path, provide } = place();
    writeFileSync(path, bytes);

    await expect(provide()).rejects.toThrow("remove it, or name another file by OUT");

    expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true);
  });

  it("asks for room first, and keeps nothing when stopped or failed half-way", async () => {
    const stop = new AbortController();
    const cramped = place();
    const stopped = place(contentOf((index) => index === 5 && stop.abort()));
    const failing = place(
      contentOf((index) => {
        if (index === 5) throw new Error("ENOSPC");
      }),
    );

    const noRoom = cramped.provide({ freeBytes: async () => 64 * 1024 * 1024 });

    await expect(noRoom).rejects.toMatchObject({ name: "UserError" });
    await expect(stopped.provide({ signal: stop.signal })).rejects.toThrow(/abort/);
    await expect(failing.provide()).rejects.toThrow("ENOSPC");
    for (const { left } of [cramped, stopped, failing]) expect(left()).toEqual([]);
  });
});
