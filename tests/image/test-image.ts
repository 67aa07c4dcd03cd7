import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { withPins } from "../../model/pins.ts";
import { applyEdits, editsFor } from "../../scripts/build/engine/engine-edits.ts";
import { readExpectations } from "../../scripts/build/golden-expectations.ts";
import { type HandlerResponse, invokeInImage } from "../../scripts/build/image/image-handler.ts";
import { buildPackages } from "../../scripts/build/image/image-stages.ts";
import { findProgramIn } from "../../scripts/cli/find-program.ts";
import { startFileServer } from "../helpers/emulators/file-server.ts";
import { assembleEngineSource, makeEngineRepositories } from "../helpers/engine-source.ts";
import { writeGoldenVariant } from "../helpers/golden-variant.ts";
import { askMounted, digestOf, filesIn, finalFiles, useOwnImageStore } from "./image-store.ts";

// `make test-image`: from a fresh folder to an answer of the image's handler, with stand-ins for
// what cannot be had without a network: the engine's source, the model and the base images. All
// that stands between them is the real thing. Needs root, buildah and debootstrap.

const findProgram = findProgramIn(process.env.PATH ?? "");
const lacking = ["buildah", "debootstrap", "git", "clang-19", "cmake", "make"].filter(
  (program) => findProgram(program) === undefined,
);
if (process.getuid?.() !== 0) lacking.push("root");
if (process.platform !== "linux" || process.arch !== "x64") lacking.push("Linux on x86_64");
if (lacking.length > 0) {
  console.log(`make test-image SKIPPED, missing here: ${lacking.join(", ")}`);
  console.log("On Debian: apt-get install buildah debootstrap git clang-19 cmake make");
  process.exit(0);
}
// The embedding becomes Q6_K, as it does unless asked for otherwise: by a stand-in for
// llama-quantize, read by the reference engine, which stands in for the real one.
const imageSettings = {
  CONTAINER_TOOL: "buildah",
  PULL: "never",
  BITNET_SYSTEM_PROMPT:
    'You are a helpful AI assistant.\nAnswer in one sentence: "briefly", $HOME.',
};
const root = resolve("temp", "test-image");
const checkout = join(root, "checkout");
const baseNames = {
  build: "docker.io/library/debian:bitnet-test",
  runtime: "public.ecr.aws/lambda/nodejs:bitnet-test",
  runtimeArm64: "public.ecr.aws/lambda/nodejs:bitnet-test-arm64",
};

mkdirSync(root, { recursive: true });
useOwnImageStore(root);

step("base images");
const packages = new Set([
  ...buildPackages("19", "x86_64", "x86_64"),
  ...buildPackages("19", "x86_64", "arm64"),
]);
execFileSync("tests/image/make-base-images.sh", [root, ...Object.values(baseNames), ...packages]);

step("a fresh checkout, a Git host, a model hub");
rmSync(checkout, { recursive: true, force: true });
rmSync(join(root, "hosts"), { recursive: true, force: true });
mkdirSync(join(checkout, "dist"), { recursive: true });
for (const name of ["container", "runtime", "scripts", "node_modules", "package.json"]) {
  symlinkSync(resolve(name), join(checkout, name));
}
for (const name of ["dist/handler", "dist/gate", "dist/prompt-cache"]) {
  symlinkSync(resolve(name), join(checkout, name));
}
writeGoldenSubset();
const repositories = makeEngineRepositories(join(root, "hosts"));
// The golden model as the published one is: without the name of its pre-tokenizer.
const published = join(root, "hosts", "published.gguf");
writeGoldenVariant(published, {
  metadata: (metadata) => assert(metadata.delete("tokenizer.ggml.pre")),
});
const model = readFileSync(published);
const hub = await startFileServer({ body: model, breakAfter: 100_000 }, { body: model });
writePins({});

step("init");
const first = await run("scripts/init.ts");
assert.match(first.output, /P1 made, P2 made, P5 made/);
const requests = hub.requests.length;
assert.equal(hub.requests.at(-1)?.headers.range, "bytes=100000-", "the model's fetch was resumed");
const second = await run("scripts/init.ts");
assert.match(second.output, /P1 already made, P2 already made, P5 already made/);
assert.equal(hub.requests.length, requests, "a second init fetches nothing");

step("engine");
// The stand-in's answers from a state begin with a mark, which the check of the prompt cache refuses.
const engine = await run("scripts/engine.ts", { ONLY: "golden,stops,grammars,seeds,abort" });
assert.match(engine.output, /gives the golden model's answers/);
assert.match((await run("scripts/engine.ts")).output, /up to date/);

step("the same source in another folder gives the same bytes");
const [here, elsewhere] = ["source-a", "deeper/source-b"].map((name) => {
  const folder = join(root, "hosts", name);
  assembleEngineSource(folder);
  applyEdits(folder, editsFor("x86_64"));
  const out = `${folder}-out`;
  execFileSync("container/compile-engine.sh", [folder, out, "x86_64"], {
    env: { ...process.env, CC: "clang-19", CXX: "clang++-19" },
  });
  return ["llama-cli", "llama-server", "llama-quantize"].map((program) =>
    sha256(readFileSync(join(out, program))),
  );
});
assert.deepEqual(here, elsewhere);

step("image for x86_64");
const image = await buildImage("x86_64");
assert.match(image.output, /stage {3}gate/);
assert.match((await buildImage("x86_64")).output, /nothing to build/);
assert.deepEqual(filesIn(noted("x86_64").image, ["opt", "var/task"]), finalFiles);

step("a request through the image's handler");
const asked = readExpectations("model/golden/expectations.json").cases.slice(0, 3);
const greedy = { temperature: 0, repeat_penalty: 1, n_predict: 64 };
const events = asked.map(({ prompt }) => ({ prompt, ...greedy }));
requireAnswers(await invokeInImage("buildah", noted("x86_64").image, events));

step("a conversation under the system prompt whose state is in the image");
const { BITNET_SYSTEM_PROMPT } = imageSettings;
const question = [{ messages: [{ role: "user", content: "Who are you?" }], temperature: 0 }];
const answerWith = async (variables: Record<string, string>) => {
  const [response] = await invokeInImage("buildah", noted("x86_64").image, question, variables);
  return JSON.parse(response?.body ?? "");
};
const cached = await answerWith({ BITNET_SYSTEM_PROMPT });
const uncached = await answerWith({ BITNET_SYSTEM_PROMPT, BITNET_PROMPT_CACHE: "" });
assert.equal(cached.content, `[state] ${uncached.content}`, "the state is used");

step("image for arm64, gated under qemu-user");
const preparedAt = preparedModelMtime();
const arm = await buildImage("arm64");
assert.doesNotMatch(arm.output, /stage {3}model/, "the model is prepared once for both");
assert.equal(preparedModelMtime(), preparedAt);
const emulated = { emulator: "qemu-aarch64-static", machine: "aarch64" };
requireAnswers(await askMounted(root, noted("arm64").image, emulated, events));

step("an engine that computes wrong answers");
const wrong = join(root, "hosts", "wrong");
assembleEngineSource(wrong);
const kernel = join(wrong, "src", "ggml-bitnet-mad.cpp");
writeFileSync(kernel, readFileSync(kernel, "utf8").replace("__AVX2__", "__AVX2_OF_ANOTHER_TIME__"));
const wrongSettings = { ...imageSettings, ARCH: "x86_64", ENGINE_SOURCE: wrong };
const refused = await run("scripts/image.ts", wrongSettings, 1);
assert.match(refused.output, /0 of \d+ right|WRONG/);

step("a flipped bit in the model");
const modelPath = join(checkout, "temp", "model", "published.gguf");
const flipped = Buffer.from(model);
flipped[flipped.length - 100] = (flipped[flipped.length - 100] ?? 0) ^ 1;
writeFileSync(modelPath, flipped);
const stopped = await run("scripts/init.ts", {}, 1);
assert.match(stopped.output, /is not the pinned model/);

step("another pin");
writePins({ MODEL_SHA256: sha256(flipped) });
const before = noted("x86_64").tag;
const anew = await buildImage("x86_64");
assert.notEqual(noted("x86_64").tag, before);
assert.match(anew.output, /stage {3}image/);

await hub.close();
console.log("\nmake test-image: all passed");

function step(text: string): void {
  console.log(`\n── ${text}`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The golden model with a few of its expectations: each costs the stand-in a start of Node.js. */
function writeGoldenSubset(): void {
  const folder = join(checkout, "model", "golden");
  mkdirSync(folder, { recursive: true });
  copyFileSync("model/golden/golden.gguf", join(folder, "golden.gguf"));
  const expectations = readExpectations("model/golden/expectations.json");
  const text = JSON.stringify({ ...expectations, cases: expectations.cases.slice(0, 8) });
  writeFileSync(join(folder, "expectations.json"), text);
}

function writePins(changes: Record<string, string>): void {
  const text = withPins(readFileSync("container/pins.env", "utf8"), {
    ENGINE_REPOSITORY: repositories.repository,
    ENGINE_SUBMODULE_REPOSITORY: repositories.submoduleRepository,
    ENGINE_COMMIT_X86_64: repositories.commit,
    ENGINE_SUBMODULE_COMMIT_X86_64: repositories.submoduleCommit,
    ENGINE_COMMIT_ARM64: repositories.commit,
    ENGINE_SUBMODULE_COMMIT_ARM64: repositories.submoduleCommit,
    BUILD_BASE_DIGEST_X86_64: digestOf(baseNames.build),
    RUNTIME_BASE_DIGEST_X86_64: digestOf(baseNames.runtime),
    RUNTIME_BASE_DIGEST_ARM64: digestOf(baseNames.runtimeArm64),
    MODEL_BASE_URL: hub.url,
    MODEL_FILE: "published.gguf",
    MODEL_BYTES: String(model.length),
    MODEL_SHA256: sha256(model),
    ...changes,
  });
  writeFileSync(join(root, "pins.env"), text);
}

/** Runs a script in the fresh checkout, shows its output, and fails for another exit code. */
async function run(script: string, environment: Record<string, string> = {}, exitCode = 0) {
  const child = spawn("node_modules/.bin/tsx", [script], {
    cwd: checkout,
    env: { ...process.env, PINS: join(root, "pins.env"), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listen = (text: string) => {
    output += text;
    process.stdout.write(text.replace(/^(?=.)/gm, "   "));
  };
  child.stdout.setEncoding("utf8").on("data", listen);
  child.stderr.setEncoding("utf8").on("data", listen);
  const [code] = await once(child, "close");
  assert.equal(code, exitCode, output);
  return { output };
}

function buildImage(ARCH: string) {
  return run("scripts/image.ts", { ...imageSettings, ARCH });
}

/** The note that `make image` wrote. */
function noted(architecture: string): { image: string; tag: string } {
  return JSON.parse(readFileSync(join(checkout, "dist", "image", `${architecture}.json`), "utf8"));
}

function preparedModelMtime(): number {
  const folder = join(checkout, "temp", "model");
  const prepared = readdirSync(folder).filter((name) => /^prepared-\w+\.gguf$/.test(name));
  assert.equal(prepared.length, 1);
  return statSync(join(folder, String(prepared[0]))).mtimeMs;
}

function requireAnswers(responses: readonly HandlerResponse[]): void {
  for (const [index, { answer }] of asked.entries()) {
    const response = responses[index];
    assert.equal(response?.statusCode, 200, response?.body);
    assert.equal(JSON.parse(response.body).content, answer);
  }
}
