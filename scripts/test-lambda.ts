import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { findProgramIn } from "./cli/find-program.ts";
import { runCommand } from "./cli/run-command.ts";
import { runJest } from "./cli/run-jest.ts";

// `make test-lambda`: the OpenAI client's suite through AWS's own runtime interface client, with the
// Runtime API on loopback. The client compiles native code when it is installed: two minutes, once.

/** Runs on the oldest Node.js that we do; later ones need Node.js 22. */
const packageName = "aws-lambda-ric@3.3.0";
const folder = resolve("temp/runtime-client");
const entry = join(folder, "node_modules/aws-lambda-ric/bin/index.mjs");
const native = join(folder, "node_modules/aws-lambda-ric/dist/rapid-client.node");

/** What its installation runs. */
const tools = ["cmake", "make", "g++", "autoconf", "automake", "libtoolize", "python3"] as const;

const commandSettings = z.object({ PATH: z.string().default("") });

await runCommandLine(async () => {
  if (existsSync(native) || (await install())) {
    return runJest("lambda", { RUNTIME_CLIENT: entry });
  }
  process.exitCode = 2;
});

/** Installs the client; prints the reason and returns `false` when it cannot. */
async function install(): Promise<boolean> {
  const find = findProgramIn(readVariables(commandSettings, process.env).PATH);
  const missing = tools.filter((tool) => find(tool) === undefined);
  if (missing.length > 0) {
    console.error(`make test-lambda: not run, because ${packageName} is compiled when installed.`);
    console.error(`Missing: ${missing.join(", ")}`);
    console.error("On Debian: apt-get install cmake make g++ autoconf automake libtool python3");
    return false;
  }
  console.error(`Installing ${packageName} into ${folder}; it compiles for about two minutes …`);
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, allowScripts: { "aws-lambda-ric": true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const npm = (...args: string[]) =>
    runCommand({ file: "npm", args: ["--prefix", folder, ...args, "--loglevel=error"] });
  await npm("install", "--no-audit", "--no-fund", packageName);
  // Where npm did not run the package's own build.
  if (!existsSync(native)) await npm("rebuild", "aws-lambda-ric");
  if (existsSync(native)) return true;
  console.error(`make test-lambda: npm has not built ${native}`);
  return false;
}
