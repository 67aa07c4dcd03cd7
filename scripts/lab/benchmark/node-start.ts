import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Figures } from "./in-turn.ts";

const run = promisify(execFile);

/** Node.js from its start to its end, with nothing to do. Figure: `total_ms`. */
export async function startNode(): Promise<Figures> {
  return { total_ms: (await timed("")).totalMs };
}

/** Node.js that loads a module and ends. Figures: `total_ms`, `import_ms`. */
export async function importBundle(path: string): Promise<Figures> {
  const url = pathToFileURL(resolve(path)).href;
  const program = `
    const startedAt = performance.now();
    await import(${JSON.stringify(url)});
    console.log(performance.now() - startedAt);
    process.exit();
  `;
  const { totalMs, stdout } = await timed(program);
  return { total_ms: totalMs, import_ms: Number(stdout) };
}

async function timed(program: string): Promise<{ totalMs: number; stdout: string }> {
  const startedAt = performance.now();
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  return { totalMs: performance.now() - startedAt, stdout };
}
