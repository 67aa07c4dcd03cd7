import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// `make test-lambda`: the OpenAI client's suite through AWS's own runtime interface client, with the
// Runtime API on loopback. The client compiles native code when it is installed: two minutes, once.

/** Runs on the oldest Node.js that we do; later ones want Node.js 22. */
const packageName = "aws-lambda-ric@3.3.0";
const folder = resolve("temp/runtime-client");
const entry = join(folder, "node_modules/aws-lambda-ric/bin/index.mjs");
const native = join(folder, "node_modules/aws-lambda-ric/dist/rapid-client.node");

/** What its installation runs. */
const tools = ["cmake", "make", "g++", "autoconf", "automake", "libtoolize", "python3"] as const;

if (!existsSync(native)) install();
const { status } = spawnSync(
  "node_modules/.bin/jest",
  ["--testMatch", "<rootDir>/tests/lambda/**/*.lambda.ts"],
  { stdio: "inherit", env: { ...process.env, RUNTIME_CLIENT: entry } },
);
process.exitCode = status ?? 1;

function install(): void {
  const missing = tools.filter((tool) => spawnSync("which", [tool]).status !== 0);
  if (missing.length > 0) {
    console.error(`make test-lambda: not run, because ${packageName} is compiled when installed.`);
    console.error(`Missing: ${missing.join(", ")}`);
    console.error("On Debian: apt-get install cmake make g++ autoconf automake libtool python3");
    process.exit(2);
  }
  console.error(`Installing ${packageName} into ${folder}; it compiles for about two minutes …`);
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, allowScripts: { "aws-lambda-ric": true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const npm = (...args: string[]) =>
    execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  npm("install", "--no-audit", "--no-fund", "--loglevel=error", packageName);
  // Where npm did not run the package's own build.
  if (!existsSync(native)) npm("rebuild", "--loglevel=error", "aws-lambda-ric");
  if (existsSync(native)) return;
  console.error(`make test-lambda: npm has not built ${native}`);
  process.exit(2);
}
