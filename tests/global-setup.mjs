import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the bundles first: the tests run what users run. */
export default function globalSetup() {
  execFileSync("node_modules/.bin/tsx", ["scripts/build/bundle.ts"], {
    cwd: join(import.meta.dirname, ".."),
    stdio: "inherit",
  });
}
