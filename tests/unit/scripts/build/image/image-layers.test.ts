import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Writes files of empty lines by path and length, and packs them; `flags` are tar's. */
function pack(files: Readonly<Record<string, number | string>>, flags = "-cf"): string {
  const folder = mkdtempSync(join(root, "content-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : "\n".repeat(content));
  }
  const archive = join(mkdtempSync(join(root, "archive-")), "image.tar");
  execFileSync("tar", [flags, archive, "-C", folder, "."]);
  rmSync(folder, { recursive: true });
  return archive;
}

/** A saved image of two layers. */
function save(flags: string): string {
  const layers = [
    pack({ "usr/bin/node": 5000 }, flags),
    pack({ "opt/a.gguf": 7, "opt/x": 1 }, flags),
  ];
  const folder = mkdtempSync(join(root, "image-"));
  layers.forEach((layer, index) => {
    writeFileSync(join(folder, `layer${index}`), readFileSync(layer));
  });
  const manifest = [{ Config: "config", Layers: ["layer0", "layer1"] }];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  const archive = join(mkdtempSync(join(root, "archive-")), "image.tar");
  execFileSync("tar", ["-cf", archive, "-C", folder, "layer0", "layer1", "manifest.json"]);
  return archive;
}

describe("readLayers", () => {
  it.each(["-cf", "-czf"])("reads layers, lowest first (tar %s)", async (flags) => {
    const layers = await readLayers(save(flags));

    expect(layers.map(({ files }) => files.toSorted())).toEqual([
      ["/usr/bin/node"],
      ["/opt/a.gguf", "/opt/x"],
    ]);
    expect(Math.min(...layers.map(({ bytes }) => bytes))).toBeGreaterThan(100);
  });

  it.each([
    ["something else", { "file.txt": "text" }],
    ["an image without layers", { "manifest.json": JSON.stringify([{ Layers: [] }]) }],
    [
      "an image whose layer is missing",
      { "manifest.json": JSON.stringify([{ Layers: ["gone"] }]) },
    ],
  ])("does not take %s for an image", async (_case, files) => {
    await expect(readLayers(pack(files))).rejects.toThrow(/did not save the image/);
  });
});

describe("requireFinalFiles", () => {
  const base = { bytes: 1, files: ["/usr/bin/node", "/usr/bin/gcc"] };
  const [model, cli, server, handler] = finalFiles;
  const [state, identity] = promptCacheFiles;
  const layer = (...files: string[]) => ({ bytes: 1, files });
  const dockerfile = readFileSync("container/Dockerfile", "utf8");
  const check =
    (having: readonly (readonly string[])[], hasPromptCache = false, text = dockerfile) =>
    () =>
      requireFinalFiles([base, ...having.map((files) => layer(...files))], text, hasPromptCache);
  const without = [[model], [cli, server], [], [handler]];
  const withState = [[model], [cli, server], [state, identity], [handler]];

  it("accepts what is needed and nothing else", () => {
    expect(check(without)).not.toThrow();
  });

  it("asks for a prompt cache where there is a system prompt", () => {
    expect(check(withState, true)).not.toThrow();
    expect(check(without, true)).toThrow(/prompt-cache\/state is missing/);
    expect(check(withState)).toThrow(/prompt-cache\/state does not belong/);
  });

  it("looks at as many layers as the Dockerfile's last stage adds", () => {
    const longer = `${dockerfile}COPY license /opt/license\n`;

    expect(check([...without, []], false, longer)).not.toThrow();
    expect(check([[model], ["/tmp/x"], ...without.slice(1)], false, longer)).toThrow(
      "/tmp/x does not belong there",
    );
  });

  it.each([
    [
      "a compiler",
      [[model], [cli, server, "/usr/bin/clang-19"], [], [handler]],
      /\/usr\/bin\/clang-19 does not belong there/,
    ],
    ["no model", [[], [cli, server], [], [handler]], /model\.gguf is missing/],
    [
      "a layer more",
      [[model], ["/tmp/x"], [cli, server], [], [handler]],
      /model\.gguf is missing\n.*\/tmp\/x does not belong/,
    ],
  ])("refuses an image with %s", (_case, layers, message) => {
    expect(check(layers)).toThrow(message);
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
