import { createLog } from "../../../runtime/logger.ts";

describe("createLog", () => {
  const now = () => new Date(0);

  it("writes one JSON line for an event", () => {
    const lines: string[] = [];
    const log = createLog({ writeLine: (line) => lines.push(line), level: "info", now });

    log("info", "answered", { total_ms: 3, cause: undefined, note: "two\nlines" });

    expect(lines).toEqual([
      '{"timestamp":"1970-01-01T00:00:00.000Z","level":"info","event":"answered","total_ms":3,"note":"two\\nlines"}',
    ]);
  });

  it("cuts absolute paths, in whatever field", () => {
    const lines: string[] = [];
    const log = createLog({ writeLine: (line) => lines.push(line), level: "info", now });

    log("error", "failed", {
      cause: "spawn /opt/bin/x ENOENT",
      stderr_tail: "a\nopen '/a b/c.gguf'",
    });

    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      cause: "spawn …/x ENOENT",
      stderr_tail: "a\nopen '…/c.gguf'",
    });
  });

  it("leaves out what is below its level", () => {
    const lines: string[] = [];
    const log = createLog({ writeLine: (line) => lines.push(line), level: "error", now });

    log("info", "answered", {});
    log("error", "failed", {});

    expect(lines).toEqual([expect.stringContaining('"event":"failed"')]);
  });
});
