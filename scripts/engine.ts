import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Architecture, parseArchitecture } from "../model/architecture.ts";
import { readPins } from "../model/pins.ts";
import { chooseCompilers } from "./build/engine/compiler-choice.ts";
import { provideEngineSource } from "./build/engine/engine-source.ts";
import { contentTag, folderInputs } from "./build/image/content-hash.ts";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { findProgramIn } from "./cli/find-program.ts";
import { runCommand } from "./cli/run-command.ts";

// `make engine`: compiles the image's engine with the same script on this machine, for this machine
// or for ARCH, and checks it with the golden model.

await runInterruptible(async () => {
  const settings = parseSetupSettings(process.env);
  const pins = readPins(settings.PINS);
  const host = parseArchitecture(process.arch);
  const architecture = settings.ARCH ? parseArchitecture(settings.ARCH) : host;
  const { cc, cxx } = chooseCompilers(
    pins.compilerVersion,
    settings,
    findProgramIn(process.env.PATH ?? ""),
  );
  const version = (await runCommand({ file: cc, args: ["--version"] })).stdout.split("\n")[0] ?? "";
  const source = await provideEngineSource(architecture, pins.engine[architecture], settings);

  const out = join("dist", "engine", architecture);
  const inputs = contentTag([
    ["compiler", version],
    ["script", readFileSync("container/compile-engine.sh")],
    ...folderInputs("source", source.folder),
  ]);
  if (isCurrent(out, inputs)) {
    console.log(`engine  ${out} is up to date`);
    return;
  }
  if (!version.includes(pins.compilerVersion)) {
    console.log(`engine  compiler ${version}; pinned is clang ${pins.compilerVersion}`);
  }
  const seconds = await compile(source.folder, out, architecture, { cc, cxx });
  console.log(`engine  ${out}: compiled in ${seconds} s`);
  await requireGoldenAnswers(out, architecture, host);
  writeFileSync(join(out, "inputs"), inputs);
  if (architecture === host)
    console.log(`Try it: BITNET_LLAMA_CLI=${join(out, "llama-cli")} make demo`);
});

function isCurrent(out: string, inputs: string): boolean {
  const noted = join(out, "inputs");
  return existsSync(noted) && readFileSync(noted, "utf8") === inputs;
}

async function compile(
  folder: string,
  out: string,
  architecture: Architecture,
  { cc, cxx }: { cc: string; cxx: string },
): Promise<string> {
  const startedAt = performance.now();
  await runCommand({
    file: "container/compile-engine.sh",
    args: [folder, out, architecture],
    environment: { CC: cc, CXX: cxx, JOBS: String(availableParallelism()) },
  });
  return ((performance.now() - startedAt) / 1000).toFixed(0);
}

/** Runs the golden-model check on the engine just built; fails on any difference. */
async function requireGoldenAnswers(
  out: string,
  architecture: Architecture,
  host: Architecture,
): Promise<void> {
  if (architecture !== host) {
    console.log(
      `engine  NOT checked: this machine is ${host}. Copy it and run make test-engine there.`,
    );
    return;
  }
  const args = [
    "dist/gate/test-engine.mjs",
    ...["--engine", join(out, "llama-cli"), "--server", join(out, "llama-server")],
  ];
  await runCommand({ file: process.execPath, args });
  console.log("engine  gives the golden model's answers");
}
