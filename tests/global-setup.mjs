import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Tests run the bundles that users run: build them first. */
export default async function globalSetup() {
  execFileSync("node_modules/.bin/tsx", ["scripts/build/bundle.ts"], {
    cwd: root,
    stdio: "inherit",
  });
  await recordChildren();
}

/** Every program that a test starts notes what it logs, for `tests/global-teardown.ts` to scan. */
async function recordChildren() {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-log-notes-"));
  const recorder = join(folder, "record-child.mjs");
  await build({
    entryPoints: [join(root, "tests/log-scan/record-child.ts")],
    outfile: recorder,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  });
  // As `logNotesVariable` of scripts/lab/log-scan/log-variables.ts.
  process.env.LOG_NOTES = folder;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import ${pathToFileURL(recorder)}`;
}
