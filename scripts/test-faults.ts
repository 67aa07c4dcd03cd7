import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultNotesVariable, readFaultNotes } from "./lab/faults/fault-note.ts";
import { faultCounts, faultLine, faultReport } from "./lab/faults/fault-report.ts";
import { faultRows } from "./lab/faults/fault-rows.ts";
import { parseJestResult } from "./lab/faults/jest-result.ts";
import { logScanRows } from "./lab/faults/log-scan-rows.ts";
import { logScanVariable } from "./lab/log-scan/log-variables.ts";
import { readMachine } from "./lab/machine.ts";

// `make test-faults`: everything that can go wrong is made to, one fault after the other, and what
// came of each is a row of docs/faults.md. ONLY=pattern tries those whose name matches, and then
// leaves the page alone.

const page = "docs/faults.md";

/** A run that takes longer than this hangs. */
const limitMs = 10 * 60 * 1000;

/** How long jest may stay when all is done: longer when something was left open. */
const goodbyeMs = 5000;

/** Between two looks for new rows. */
const pollMs = 200;

const startedAt = performance.now();
const machine = readMachine(new Date());
const only = process.env.ONLY ?? "";
const folder = mkdtempSync(join(tmpdir(), "bitnet-faults-"));
const notesPath = join(folder, "notes.jsonl");
const resultPath = join(folder, "result.json");
const scanPath = join(folder, "log-scan.json");
// A Ctrl-C reaches jest as well, and its end ends this.
process.on("SIGINT", () => {});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const { told, isLeftOpen } = await runJest();
if (!existsSync(resultPath)) {
  console.error(`${told}\nmake test-faults: jest did not come to its end.`);
  process.exit(1);
}
const result = parseJestResult(readFileSync(resultPath, "utf8"));
const rows = faultRows(readFaultNotes(noteText()), result);
if (rows.length === 0) {
  console.error(`make test-faults: no fault's name matches ONLY=${only}`);
  process.exit(2);
}
if (existsSync(scanPath)) {
  const scanned = logScanRows(readFileSync(scanPath, "utf8"), only === "");
  for (const row of scanned) console.log(faultLine(row));
  rows.push(...scanned);
}
const failures = result.testResults.flatMap(({ message }) => (message === "" ? [] : [message]));
if (failures.length > 0) console.error(`\n${failures.join("\n")}`);
const tookMs = performance.now() - startedAt;
console.log(`\n${faultCounts(rows)} ${(tookMs / 1000).toFixed(0)} s.`);
if (only === "") {
  writeFileSync(page, faultReport({ rows, machine, tookMs }));
  console.log(`Written: ${page}`);
}
if (isLeftOpen) console.error("make test-faults: a fault left something open in its own process.");
const isBad = isLeftOpen || rows.some(({ outcome }) => outcome === "not as it must");
process.exitCode = isBad ? 1 : 0;

function noteText(): string {
  return existsSync(notesPath) ? readFileSync(notesPath, "utf8") : "";
}

/** Runs jest, one test at a time, and prints each row when it is there; gives what jest told. */
async function runJest(): Promise<{ told: string; isLeftOpen: boolean }> {
  const child = spawn(
    "node_modules/.bin/jest",
    [
      ...["--testMatch", "<rootDir>/tests/faults/**/*.faults.ts", "--runInBand"],
      ...["--json", "--outputFile", resultPath],
      ...(only === "" ? [] : ["--testNamePattern", only]),
    ],
    {
      env: { ...process.env, [faultNotesVariable]: notesPath, [logScanVariable]: scanPath },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let told = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
  }
  const stopHanging = setTimeout(() => {
    console.error(`make test-faults: stopped after ${limitMs / 60_000} minutes.`);
    child.kill("SIGKILL");
  }, limitMs);
  let printed = 0;
  let doneAt: number | undefined;
  let isLeftOpen = false;
  const print = () => {
    const notes = readFaultNotes(noteText());
    for (const note of notes.slice(printed)) console.log(faultLine(note));
    printed = notes.length;
  };
  const printing = setInterval(() => {
    print();
    if (!existsSync(resultPath)) return;
    doneAt ??= performance.now();
    if (performance.now() - doneAt > goodbyeMs) isLeftOpen = child.kill();
  }, pollMs);
  await once(child, "close");
  clearTimeout(stopHanging);
  clearInterval(printing);
  print();
  return { told, isLeftOpen };
}
