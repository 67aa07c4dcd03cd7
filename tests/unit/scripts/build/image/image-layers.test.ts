import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import {
  finalFiles,
  layerTable,
  promptCacheFiles,
  readLayers,
  requireFinalFiles,
} from "../../../../../scripts/build/image/image-layers.ts";

type Files = Readonly<Record<string, string | Buffer>>;

async function tar(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) archive.entry({ name, type: "directory" });
    else archive.entry({ name }, content);
  }
  archive.finalize();
  return buffer(archive as unknown as Readable);
}

/** A saved image; `first` stands before the layers, as docker puts it, or behind them. */
async function save(layers: readonly Buffer[], manifestIsFirst: boolean): Promise<Readable> {
  const names = layers.map((_, index) => `blobs/sha256/${index}`);
  const manifest = { "manifest.json": JSON.stringify([{ Config: "config", Layers: names }]) };
  const blobs = Object.fromEntries(layers.map((layer, index) => [names[index], layer]));
  const rest = { "config.json": "{}", ...blobs };
  const files = manifestIsFirst ? { ...manifest, ...rest } : { ...rest, ...manifest };
  return Readable.from([await tar(files as Files)]);
}

const base = () => tar({ "usr/": "", "usr/bin/": "", "usr/bin/node": Buffer.alloc(5000) });
const top = () => tar({ "opt/": "", "opt/model.gguf": Buffer.alloc(300_000), "./opt/x": "y" });

describe("readLayers", () => {
  it.each([true, false])("reads layers, lowest first (manifest first: %s)", async (isFirst) => {
    const layers = await readLayers(await save([await base(), await top()], isFirst));

    expect(layers).toEqual([
      { bytes: 5000, files: ["/usr/bin/node"] },
      { bytes: 300_001, files: ["/opt/model.gguf", "/opt/x"] },
    ]);
  });

  it("reads compressed layers", async () => {
    const layers = await readLayers(
      await save([gzipSync(await base()), gzipSync(await top())], true),
    );

    expect(layers.map(({ bytes }) => bytes)).toEqual([5000, 300_001]);
  });

  it.each([
    ["something else", { "file.txt": "text" }],
    [
      "an image whose layer is missing",
      { "manifest.json": JSON.stringify([{ Layers: ["gone"] }]) },
    ],
  ])("does not take %s for an image", async (_case, files) => {
    await expect(readLayers(Readable.from([await tar(files as unknown as Files)]))).rejects.toThrow(
      /did not save the image/,
    );
  });
});

describe("requireFinalFiles", () => {
  const base = { bytes: 1, files: ["/usr/bin/node", "/usr/bin/gcc"] };
  const [model, cli, server, handler] = finalFiles;
  const layer = (...files: string[]) => ({ bytes: 1, files });

  const [state, identity] = promptCacheFiles;

  it("accepts what is needed and nothing else", () => {
    const layers = [base, layer(model), layer(cli, server), layer(), layer(handler)];

    expect(() => requireFinalFiles(layers, false)).not.toThrow();
  });

  it("asks for a prompt cache where there is a system prompt", () => {
    const without = [base, layer(model), layer(cli, server), layer(), layer(handler)];
    const having = [base, layer(model), layer(cli, server), layer(state, identity), layer(handler)];

    expect(() => requireFinalFiles(having, true)).not.toThrow();
    expect(() => requireFinalFiles(without, true)).toThrow(/prompt-cache\/state is missing/);
    expect(() => requireFinalFiles(having, false)).toThrow(/prompt-cache\/state does not belong/);
  });

  it.each([
    [
      "a compiler",
      [layer(model), layer(cli, server, "/usr/bin/clang-19"), layer(), layer(handler)],
      /\/usr\/bin\/clang-19 does not belong there/,
    ],
    [
      "the quantizer",
      [layer(model), layer(cli, server, "/opt/bitnet/bin/llama-quantize"), layer(), layer(handler)],
      /llama-quantize does not belong/,
    ],
    ["no model", [layer(), layer(cli, server), layer(), layer(handler)], /model\.gguf is missing/],
    [
      "a layer more",
      [layer(model), layer("/tmp/x"), layer(cli, server), layer(), layer(handler)],
      /model\.gguf is missing\n.*\/tmp\/x does not belong/,
    ],
  ])("refuses an image with %s", (_case, layers, message) => {
    expect(() => requireFinalFiles([base, ...layers], false)).toThrow(message);
  });
});

describe("layerTable", () => {
  it("shows sizes and what they are made of", () => {
    const table = layerTable([
      { bytes: 5e6, files: ["/1", "/2", "/3", "/4"] },
      { bytes: 117_000, files: ["/var/task/handler.mjs"] },
    ]);

    expect(table.split("\n").map((line) => line.trim())).toEqual([
      "5.000 MB  4 files",
      "0.117 MB  /var/task/handler.mjs",
      "5.117 MB  in all",
    ]);
  });
});
