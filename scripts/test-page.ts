import { spawnSync } from "node:child_process";

// `make test-page`: the local server's page in a headless Chromium, where there is one.

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"] as const;
const found = process.env.CHROMIUM
  ? process.env.CHROMIUM
  : names.find((name) => spawnSync("which", [name]).status === 0);
if (found === undefined) {
  console.error("make test-page: not run, because there is no Chromium here.");
  console.error("On Debian: apt-get install chromium. Elsewhere name one: CHROMIUM=/path/to/it");
  process.exit(2);
}
const { status } = spawnSync(
  "node_modules/.bin/jest",
  ["--testMatch", "<rootDir>/tests/page/**/*.page.ts"],
  { stdio: "inherit", env: { ...process.env, CHROMIUM: found } },
);
process.exitCode = status ?? 1;
