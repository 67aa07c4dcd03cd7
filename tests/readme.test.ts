import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandFences, comparableOutput } from "./helpers/page-fences.ts";

// The front page keeps its word: commands run, outputs are compared, links lead somewhere.

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const fences = commandFences(read("README.md"));
const run = fences.filter(({ check }) => check.kind === "run");

/** Runs commands as a reader would in a fresh shell at the root. */
function shell(commands: string) {
  const { MAKEFLAGS: _1, MAKELEVEL: _2, MFLAGS: _3, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync("sh", ["-e", "-c", commands], {
    cwd: root,
    encoding: "utf8",
    env: environment,
  });
  return { status, stdout, stderr };
}

describe("the commands of the README", () => {
  it("each say above them how they are checked", () => {
    const unmarked = fences.filter(({ check }) => check.kind === "missing");

    expect(unmarked.map(({ line }) => `README.md:${line}`)).toEqual([]);
  });

  it.each(run)("run: $commands", ({ commands, shownOutput, check }) => {
    const { status, stdout, stderr } = shell(commands);

    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    if (shownOutput === undefined || check.kind !== "run") return;
    expect(comparableOutput(stdout, check.varying)).toBe(
      comparableOutput(shownOutput, check.varying),
    );
  });

  it("that are not run say why", () => {
    const reasons = fences.flatMap(({ line, check }) =>
      check.kind === "not-run" ? [`README.md:${line} is not run: ${check.reason}`] : [],
    );
    if (reasons.length > 0) process.stderr.write(`${reasons.join("\n")}\n`);

    expect(run.length).toBeGreaterThan(0);
  });
});

describe("links", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/continuous-deployment.md",
    "docs/configuration.md",
    "docs/decisions/README.md",
  ];
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)|src="([^"]+)"/g)]
      .map(([, target, image]) => ({ page, target: target ?? image ?? "" }))
      .filter(({ target }) => !/^https?:/.test(target)),
  );

  it.each(links)("$page → $target leads somewhere", ({ page, target }) => {
    expect(existsSync(join(root, dirname(page), target))).toBe(true);
  });
});
