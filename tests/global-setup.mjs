import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Tests run the bundles that users run: build them first. */
export default function globalSetup() {
  const root = join(import.meta.dirname, "..");
  execFileSync("node_modules/.bin/tsx", ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
}
