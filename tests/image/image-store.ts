import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HandlerResponse } from "../../scripts/build/image/image-handler.ts";

/** Gives buildah a store of its own below a folder, away from the user's images. */
export function useOwnImageStore(root: string): void {
  // Without a container runtime, isolation is chroot's.
  process.env.BUILDAH_ISOLATION ??= "chroot";
  process.env.CONTAINERS_STORAGE_CONF = join(root, "storage.conf");
  writeStorageConfiguration(root, "overlay");
  if (!canStore()) writeStorageConfiguration(root, "vfs");
}

function writeStorageConfiguration(root: string, driver: string): void {
  const folders = `runroot = "${join(root, "run")}"\ngraphroot = "${join(root, "storage")}"`;
  writeFileSync(join(root, "storage.conf"), `[storage]\ndriver = "${driver}"\n${folders}\n`);
}

/** Overlays cannot be made everywhere, for one not inside a container. */
function canStore(): boolean {
  try {
    const container = buildah("from", "scratch");
    buildah("mount", container);
    buildah("rm", container);
    return true;
  } catch {
    return false;
  }
}

/** The digest of an image in the store. */
export function digestOf(image: string): string {
  const format = ["--type", "image", "--format", "{{.FromImageDigest}}"];
  return execFileSync("buildah", ["inspect", ...format, image], { encoding: "utf8" }).trim();
}

/** An image's handler, engine and model for another processor: the engine emulated, Node.js ours. */
export async function askMounted(
  root: string,
  image: string,
  { emulator, machine }: { emulator: string; machine: string },
  events: readonly unknown[],
): Promise<HandlerResponse[]> {
  const container = buildah("from", "--pull-never", image);
  try {
    const folder = buildah("mount", container);
    const engineFile = join(folder, "opt/bitnet/bin/llama-cli");
    // e_machine of the ELF header.
    const found = { 62: "x86_64", 183: "aarch64" }[readFileSync(engineFile).readUInt16LE(18)];
    assert.equal(found, machine);
    const wrapper = join(root, "emulated-llama-cli");
    const program = join(root, "debian", "usr", "bin", emulator);
    writeFileSync(wrapper, `#!/bin/sh\nexec ${program} ${engineFile} "$@"\n`, { mode: 0o755 });
    process.env.BITNET_LLAMA_CLI = wrapper;
    process.env.BITNET_MODEL = join(folder, "opt/bitnet/model.gguf");
    const { handler } = await import(join(folder, "var/task/handler.mjs"));
    const context = { awsRequestId: "arm64", getRemainingTimeInMillis: () => 900_000 };
    const responses: HandlerResponse[] = [];
    for (const event of events) responses.push(await handler(event, context));
    return responses;
  } finally {
    delete process.env.BITNET_LLAMA_CLI;
    delete process.env.BITNET_MODEL;
    buildah("rm", container);
  }
}

/** What an image with a system prompt holds above its base, sorted. */
export const finalFiles = [
  "/opt/bitnet/bin/llama-cli",
  "/opt/bitnet/bin/llama-server",
  "/opt/bitnet/model.gguf",
  "/opt/bitnet/prompt-cache/state",
  "/opt/bitnet/prompt-cache/state.json",
  "/var/task/handler.mjs",
];

/** The files of an image below folders, by their paths in it, sorted. */
export function filesIn(image: string, folders: readonly string[]): string[] {
  const container = buildah("from", "--pull-never", image);
  try {
    const root = buildah("mount", container);
    const args = [...folders.map((folder) => join(root, folder)), "-type", "f"];
    const found = execFileSync("find", args, { encoding: "utf8" }).trim().split("\n");
    return found.map((path) => path.slice(root.length)).toSorted();
  } finally {
    buildah("rm", container);
  }
}

/** Runs buildah and returns what it prints. */
export function buildah(...args: string[]): string {
  return execFileSync("buildah", args, { encoding: "utf8" }).trim();
}
