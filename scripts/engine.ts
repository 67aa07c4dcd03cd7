import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArchitecture } from "../model/architecture.ts";
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
  const find = findProgramIn(process.env.PATH ?? "");
  const { cc, cxx } = chooseCompilers(pins.compilerVersion, settings, find);
  const version = (await runCommand({ file: cc, args: ["--version"] })).stdout.split("\n")[0] ?? "";
  const source = await provideEngineSource(architecture, pins.engine[architecture], settings);

  const out = join("dist", "engine", architecture);
  const inputs = contentTag([
    ["compiler", version],
    ["script", readFileSync("container/compile-engine.sh")],
    ...folderInputs("source", source.folder),
  ]);
  const note = join(out, "inputs");
  if (existsSync(note) && readFileSync(note, "utf8") === inputs) {
    console.log(`engine  ${out} is up to date`);
    return;
  }
  if (!version.includes(pins.compilerVersion)) {
    console.log(`engine  compiler ${version}; pinned is clang ${pins.compilerVersion}`);
  }
  const startedAt = performance.now();
  await runCommand({
    file: "container/compile-engine.sh",
    args: [source.folder, out, architecture],
    environment: { CC: cc, CXX: cxx, JOBS: String(availableParallelism()) },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`engine  ${out}: compiled in ${seconds} s`);
  const elsewhere = `this machine is ${host}. Copy it and run make test-engine there.`;
  if (architecture === host) await requireGoldenAnswers(out);
  else console.log(`engine  NOT checked: ${elsewhere}`);
  writeFileSync(note, inputs);
  if (architecture === host) {
    console.log(`Try it: BITNET_LLAMA_CLI=${join(out, "llama-cli")} make demo`);
  }
});

/** Runs the golden-model check on the engine just built; fails on any difference. */
async function requireGoldenAnswers(out: string): Promise<void> {
  const engines = ["--engine", join(out, "llama-cli"), "--server", join(out, "llama-server")];
  await runCommand({ file: process.execPath, args: ["dist/gate/test-engine.mjs", ...engines] });
  console.log("engine  gives the golden model's answers");
}
