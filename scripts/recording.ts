import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type TimedLine, terminalSvg } from "./lab/recording/terminal-svg.ts";

// `make recording`: runs `make demo` and draws what it prints, when it prints it, as docs/demo.svg.

const lines: TimedLine[] = [];
const startedAt = performance.now();
const demo = spawn("make", ["demo"], { stdio: ["ignore", "pipe", "inherit"] });
for await (const text of createInterface({ input: demo.stdout })) {
  lines.push({ text, atMs: performance.now() - startedAt });
}
if (demo.exitCode === null) await once(demo, "exit");
if (demo.exitCode !== 0) {
  console.error("make demo failed: nothing was recorded");
  process.exit(1);
}
mkdirSync("docs", { recursive: true });
writeFileSync("docs/demo.svg", terminalSvg("make demo", lines));
console.log("docs/demo.svg");
