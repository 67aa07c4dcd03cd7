import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { handlerBundle } from "./bundled-handler.ts";
import type { Figures } from "./in-turn.ts";
import type { Question } from "./question.ts";

const run = promisify(execFile);

const toldSchema = z.object({
  importMs: z.number(),
  statusCode: z.number(),
  body: z.string(),
  peakMib: z.number(),
});

const bodySchema = z.object({ tokens_predicted: z.number() });

/**
 * The function from nothing to its first answer, in a process of its own: Node.js starts, the bundle
 * is loaded, the engine starts, the model is mapped, the answer is made. What Lambda adds (the
 * image's layers, the sandbox) is not in it. Figures: `total_ms`, `import_ms` of the bundle,
 * `peak_mib` of the handler's process.
 *
 * @throws Error when the answer is not 200
 */
export async function runColdStart(
  variables: Readonly<Record<string, string>>,
  { prompt, sampling }: Question,
  tokens: number,
): Promise<Figures | undefined> {
  const event = { prompt, ...sampling, n_predict: tokens };
  const startedAt = performance.now();
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "--eval", program(event)],
    { env: { ...process.env, BITNET_LOG_LEVEL: "error", ...variables } },
  );
  const totalMs = performance.now() - startedAt;
  const { importMs, statusCode, body, peakMib } = toldSchema.parse(JSON.parse(stdout));
  if (statusCode !== 200) throw new Error(`the handler answers ${statusCode}: ${body}`);
  if (bodySchema.parse(JSON.parse(body)).tokens_predicted !== tokens) return undefined;
  return { total_ms: totalMs, import_ms: importMs, peak_mib: peakMib };
}

/** Runs inside the new process; its own end kills what it started. */
function program(event: object): string {
  return `
    const startedAt = performance.now();
    const { handler } = await import(${JSON.stringify(pathToFileURL(resolve(handlerBundle)).href)});
    const importMs = performance.now() - startedAt;
    const context = { awsRequestId: "bench", getRemainingTimeInMillis: () => 900_000 };
    const { statusCode, body } = await handler(${JSON.stringify(event)}, context);
    const peakMib = process.resourceUsage().maxRSS / 1024;
    process.stdout.write(JSON.stringify({ importMs, statusCode, body, peakMib }), () => process.exit());
  `;
}
