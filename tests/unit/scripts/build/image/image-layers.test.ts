import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  finalFiles,
  layerTable,
  promptCacheFiles,
  readLayers,
  requireFinalFiles,
} from "../../../../../scripts/build/image/image-layers.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const root = temporaryFolder();

/** Packs files, by path and content; `flags` are tar's. */
function pack(files: Readonly<Record<string, string | Buffer>>, flags = "-cf"): string {
  const folder = mkdtempSync(join(root, "content-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const archive = join(mkdtempSync(join(root, "archive-")), "image.tar");
  execFileSync("tar", [flags, archive, "-C", folder, "."]);
  return archive;
}

const manifest = (...layers: string[]) => JSON.stringify([{ Config: "config", Layers: layers }]);

describe("readLayers", () => {
  it.each(["-cf", "-czf"])("reads layers, lowest first (tar %s)", async (flags) => {
    const image = pack({
      layer0: readFileSync(pack({ "usr/bin/node": "\n".repeat(5000) }, flags)),
      layer1: readFileSync(pack({ "opt/a.gguf": "\n", "opt/x": "\n" }, flags)),
      "manifest.json": manifest("layer0", "layer1"),
    });

    const layers = await readLayers(image);

    expect(layers.map(({ files }) => files.toSorted())).toEqual([
      ["/usr/bin/node"],
      ["/opt/a.gguf", "/opt/x"],
    ]);
    expect(Math.min(...layers.map(({ bytes }) => bytes))).toBeGreaterThan(100);
  });

  it.each([
    ["something else", { "file.txt": "text" }],
    ["an image without layers", { "manifest.json": manifest() }],
    ["an image whose layer is missing", { "manifest.json": manifest("gone") }],
  ])("does not take %s for an image", async (_case, files) => {
    await expect(readLayers(pack(files))).rejects.toThrow(/did not save the image/);
  });
});

describe("requireFinalFiles", () => {
  const dockerfile = readFileSync("container/Dockerfile", "utf8");
  const longer = `${dockerfile}COPY license /opt/license\n`;
  const [model, cli, server, handler] = finalFiles;
  const without: string[][] = [[model], [cli, server], [], [handler]];
  const withState = without.with(2, [...promptCacheFiles]);
  const check = (added: string[][], hasPromptCache: boolean, text: string) => () =>
    requireFinalFiles(
      [["/usr/bin/gcc"], ...added].map((files) => ({ bytes: 1, files })),
      text,
      hasPromptCache,
    );

  const more = (...files: string[]) => without.toSpliced(1, 0, files);

  it("accepts what is needed, in as many layers as the Dockerfile's last stage adds", () => {
    expect(check(without, false, dockerfile)).not.toThrow();
    expect(check(withState, true, dockerfile)).not.toThrow();
    expect(check(more(), false, longer)).not.toThrow();
  });

  it.each<[string, string[][], boolean, string, RegExp]>([
    ["no prompt cache", without, true, dockerfile, /prompt-cache\/state is missing/],
    [
      "a prompt cache too many",
      withState,
      false,
      dockerfile,
      /prompt-cache\/state does not belong/,
    ],
    [
      "a compiler",
      more("/usr/bin/clang"),
      false,
      longer,
      /\/usr\/bin\/clang does not belong there/,
    ],
    ["no model", without.with(0, []), false, dockerfile, /model\.gguf is missing/],
    [
      "a layer more",
      more("/tmp/x"),
      false,
      dockerfile,
      /model\.gguf is missing\n.*\/tmp\/x does not belong/,
    ],
  ])("refuses an image with %s", (_case, layers, hasPromptCache, text, message) => {
    expect(check(layers, hasPromptCache, text)).toThrow(message);
  });
});

test("layerTable shows sizes and what they are made of", () => {
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
