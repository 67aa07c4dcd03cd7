import { cutPaths } from "../../../runtime/absolute-paths.ts";

describe("cutPaths", () => {
  it.each([
    ["spawn /opt/bitnet/bin/llama-cli ENOENT", "spawn …/llama-cli ENOENT"],
    ["spawn /opt/bit net/llama-cli ENOENT", "spawn …/llama-cli ENOENT"],
    ["open '/home/An Na/my model.gguf'", "open '…/my model.gguf'"],
    [
      "ENOENT: no such file or directory, open '/tmp/x'",
      "ENOENT: no such file or directory, open '…/x'",
    ],
    ["failed to open /a/b/model.gguf: No such file", "failed to open …/model.gguf: No such file"],
    ["/a/b/ggml.c:12: GGML_ASSERT(x) failed", "…/ggml.c:12: GGML_ASSERT(x) failed"],
    ["    at run (/a/b c/d.ts:3:5)", "    at run (…/d.ts:3:5)"],
    ["    at file:///a/b/d.mjs:3:5", "    at file://…/d.mjs:3:5"],
    ["in the folder /var/task/", "in the folder …/"],
    ["one /a/b, two /c/d/e", "one …/b, two …/e"],
    ["path=/a/b", "path=…/b"],
    ['{"path":"/a/b"}', '{"path":"…/b"}'],
  ])("leaves the last part of a path: %s", (text, expected) => {
    expect(cutPaths(text)).toBe(expected);
  });

  it.each([
    "there are GET /health, GET /v1/models/:model, POST /v1/chat/completions, GET /",
    "12 ms / 5 runs, 3 tokens/s, and/or",
    "https://example.com/a/b and http://127.0.0.1:9000/v1/models",
    "runtime/engine/engine.ts and ./a/b and ../a/b",
    "<|eot_id|> a // b /* c */",
  ])("leaves what is no path alone: %s", (text) => {
    expect(cutPaths(text)).toBe(text);
  });

  it("takes time that grows with the text, not faster", () => {
    for (const piece of ["/a", "/", "'/", " /a b", "(/a", "\nspawn /a E"]) {
      expect(cutPaths(piece.repeat(100_000))).toBeDefined();
    }
  });
});
