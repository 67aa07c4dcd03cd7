import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { waitUntil } from "./helpers/processes.ts";

// The front page keeps its word: commands run, outputs are compared, links lead somewhere.

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
/**
 * The blocks of commands in the pages, the output shown in the block below, and how each is checked,
 * from the comment above it: `<!-- run -->`, `<!-- run; varies: \d+ tokens/s -->`,
 * `<!-- run; beside: make local -->`, `<!-- not run: needs an AWS account -->`.
 */
const fences = ["README.md", "docs/deploy.md", "docs/batch.md"].flatMap((page) =>
  [
    ...read(page).matchAll(
      /^(?:<!-- (.*) -->\n+)?```sh\n([\s\S]*?)^```$(?:\n+```(?:text|json|console)\n([\s\S]*?)^```$)?/gm,
    ),
  ].map(([, comment = "", commands = "", shown]) => ({ page, comment, commands, shown })),
);
const isRun = /^run(?:; beside: ([^;]+))?(?:; varies: (.+))?$/;
const isNotRun = /^not run: .+/;
const run = fences.filter(({ comment }) => isRun.test(comment));

/** An output with `…` for what varies between runs, and without blanks at line ends. */
function comparable(output: string, varying: string): string {
  const trimmed = output.trim().replaceAll(/ +$/gm, "");
  const patterns = varying === "" ? [] : varying.split(" | ");
  return patterns.reduce((text, each) => text.replaceAll(new RegExp(each, "g"), "…"), trimmed);
}

/** Starts commands as a reader would in a fresh shell at the root: without what make hands down. */
function startShell(commands: string, isGroup = false) {
  const { MAKEFLAGS: _1, MAKELEVEL: _2, MFLAGS: _3, ...env } = process.env;
  return spawn("sh", ["-e", "-c", commands], { cwd: root, env, detached: isGroup });
}

async function shell(commands: string) {
  const child = startShell(commands);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status, stdout, stderr };
}

/** Runs something while a server listens; the server is stopped in the end. */
async function beside<Result>(command: string | undefined, run: () => Promise<Result>) {
  if (command === undefined) return run();
  // A group of its own, since make and tsx stand between the shell and the server.
  const server = startShell(command, true);
  let told = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (piece) => (told += piece));
  try {
    await waitUntil(() => told.includes("http://") || server.exitCode !== null, 120_000);
    expect({ told, exitCode: server.exitCode }).toEqual({ told, exitCode: null });
    return await run();
  } finally {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid);
  }
}

describe("the commands of the README", () => {
  it("each say above them how they are checked, or why not", () => {
    const unmarked = fences.filter(
      ({ comment }) => !isRun.test(comment) && !isNotRun.test(comment),
    );

    expect(unmarked).toEqual([]);
  });

  it.each(run)(
    "run: $commands",
    async ({ comment, commands, shown }) => {
      const [, server, varying = ""] = isRun.exec(comment) ?? [];

      const { status, stdout, stderr } = await beside(server, () => shell(commands));

      const told = status === 0 ? "" : stdout + stderr;
      expect({ status, told }).toEqual({ status: 0, told: "" });
      const output = comparable(stdout, varying);
      expect(output).toBe(shown === undefined ? output : comparable(shown, varying));
    },
    150_000,
  );

  it("sign a request to a function URL, which ends in a slash", async () => {
    const command = /^curl --aws-sigv4[\s\S]*?(?=\n```)/m.exec(read("README.md"))?.[0] ?? "";
    const variables =
      "AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_SESSION_TOKEN=c";
    const url = "FUNCTION_URL=http://127.0.0.1:9000/";

    const { stdout } = await beside("make local", () =>
      shell(`export ${variables} ${url}\n${command}`),
    );

    expect(JSON.parse(stdout)).toMatchObject({ object: "chat.completion", choices: [{}] });
  }, 150_000);
});

describe("docs/examples", () => {
  it.each(["openai.ts", "openai.py"])("%s is shown in the README", (file) => {
    expect(read("README.md")).toContain(`\n${read(`docs/examples/${file}`)}\`\`\``);
  });

  it("run against make local", async () => {
    const outputs = await beside("make local", async () => [
      await shell("sh docs/examples/curl.sh"),
      await shell("node --import tsx docs/examples/openai.ts"),
      await shell("node --import tsx docs/examples/function-call.ts"),
    ]);

    expect(outputs.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      outputs.map(() => ({ status: 0, stderr: "" })),
    );
    const [curl, stream, call] = outputs.map(({ stdout }) => stdout);
    expect(curl).toMatch(
      /"id":"golden"[\s\S]*Paris[\s\S]*data: \[DONE\][\s\S]*verdict\\": *\\"(yes|no)/,
    );
    expect(stream).toMatch(/\w+ \w+/);
    expect(call).toMatch(/^temperature \{ *"unit": *"(celsius|fahrenheit)" *\}\n$/);
  }, 150_000);
});

describe("messages in docs/deploy.md", () => {
  const section =
    /\n## When something goes wrong\n([\s\S]*)/.exec(read("docs/deploy.md"))?.[1] ?? "";
  const messages = [...section.matchAll(/^\| (.*?) \| /gm)]
    .flatMap(([, symptom = ""]) => [...symptom.matchAll(/`([^`]+)`/g)])
    .map(([, message = ""]) => message);
  const sources = ["Makefile", ...["runtime", "scripts", "stacks"].flatMap(filesBelow)]
    .map(read)
    .join("\n");

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
  const pages = [...readdirSync(root), ...filesBelow("docs")].filter((path) =>
    path.endsWith(".md"),
  );
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)|src(?:set)?="([^"]+)"/g)]
      .map(([, target, image]) => ({ page, target: target ?? image ?? "" }))
      .filter(({ target }) => !/^https?:/.test(target)),
  );

  it("of all documents lead somewhere", () => {
    const dead = links.filter(({ page, target }) => !existsSync(join(root, dirname(page), target)));

    expect(links.length).toBeGreaterThan(50);
    expect(dead).toEqual([]);
  });
});
