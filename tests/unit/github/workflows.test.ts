import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../.github/workflows");
const workflows = readdirSync(folder).map(
  (name) => [name, readFileSync(join(folder, name), "utf8")] as const,
);

/** Every use of an action. */
const pins = workflows.flatMap(([name, text]) =>
  [...text.matchAll(/uses: (.*)/g)].map(([, uses = ""]) => ({ name, uses })),
);

describe.each(workflows)("%s", (_name, text) => {
  it("has read-only permissions by default", () => {
    expect(text).toContain("\npermissions:\n  contents: read\n\n");
  });

  it("limits concurrency", () => {
    expect(text).toMatch(/\nconcurrency:\n {2}group: /);
  });

  it("gives every job a time limit", () => {
    const jobs = text.match(/runs-on:/g) ?? [];
    expect(text.match(/timeout-minutes:/g)).toHaveLength(jobs.length);
  });

  it("leaves no credentials in the checkout", () => {
    const checkouts = text.match(/actions\/checkout@/g) ?? [];
    expect(text.match(/persist-credentials: false/g)).toHaveLength(checkouts.length);
  });

  it("interpolates no expression into a shell command", () => {
    const commands = text.match(/run: (?:\|\n(?: {10,}.*\n)+|.*\n)/g) ?? [];
    expect(commands.filter((command) => command.includes("${" + "{"))).toEqual([]);
  });

  it("uses no secret", () => {
    expect(text).not.toMatch(/secrets\./);
  });
});

describe("actions", () => {
  it.each(pins)("$name: $uses is pinned to a commit, with its version in a comment", ({ uses }) => {
    expect(uses).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("have one version in all workflows", () => {
    const used = new Set(pins.map(({ uses }) => uses));
    const names = new Set(pins.map(({ uses }) => uses.split("@")[0]));

    expect(used.size).toBe(names.size);
  });
});
