import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { findProgramIn } from "./cli/find-program.ts";
import { runJest } from "./cli/run-jest.ts";

// `make test-page`: the local server's page in a headless Chromium, where there is one.

const names = ["chromium", "chromium-browser", "google-chrome", "chrome"] as const;

const commandSettings = z.object({ CHROMIUM: z.string().optional(), PATH: z.string().default("") });

await runCommandLine(async () => {
  const { CHROMIUM, PATH } = readVariables(commandSettings, process.env);
  const browser = CHROMIUM ?? names.find(findProgramIn(PATH));
  if (browser !== undefined) return runJest("page", { CHROMIUM: browser });
  console.error("make test-page: not run, because there is no Chromium here.");
  console.error("On Debian: apt-get install chromium. Elsewhere set CHROMIUM=/path/to/it");
  process.exitCode = 2;
});
