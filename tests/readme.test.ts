import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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

describe("messages in the README", () => {
  const section =
    /\n## When something goes wrong\n([\s\S]*?)\n## /.exec(read("README.md"))?.[1] ?? "";
  const messages = [...section.matchAll(/^\| (.*?) \| /gm)]
    .flatMap(([, symptom = ""]) => [...symptom.matchAll(/`([^`]+)`/g)])
    .map(([, message = ""]) => message);
  const sources = ["Makefile", ...["runtime", "scripts", "stacks"].flatMap(filesBelow)]
    .map(read)
    .join("\n");

  it("are listed", () => {
    expect(messages.length).toBeGreaterThan(5);
  });

  it.each(messages)("%s is what the program prints", (message) => {
    for (const piece of message.split("…")) expect(sources).toContain(piece);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

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
