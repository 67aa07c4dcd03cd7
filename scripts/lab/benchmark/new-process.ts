import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import { answerOf, handlerUrl } from "./bundled-handler.ts";
import type { Figures } from "./in-turn.ts";
import type { QuestionRequest } from "./question.ts";

const run = promisify(execFile);

/** Times Node.js from its start to its end, with an empty program. Figure: `total_ms`. */
export async function startNode(): Promise<Figures> {
  return { total_ms: (await timed("")).totalMs };
}

const importProgram = () => `
  const startedAt = performance.now();
  const { handler } = await import(${JSON.stringify(handlerUrl())});
  const importMs = performance.now() - startedAt;
`;

/** Times Node.js loading the deployed bundle. Figures: `total_ms`, `import_ms`. */
export async function importBundle(): Promise<Figures> {
  const { totalMs, stdout } = await timed(
    `${importProgram()} process.stdout.write(String(importMs), () => process.exit());`,
  );
  return { total_ms: totalMs, import_ms: Number(stdout) };
}

const outputSchema = z.object({
  importMs: z.number(),
  statusCode: z.number(),
  body: z.string(),
  peakMib: z.number(),
});

/**
 * Times the function from nothing to its first answer: Node.js starts, the bundle is loaded, the
 * engine starts, the model is mapped. What Lambda adds (the image's layers, the sandbox) is not
 * included. Figures: `total_ms`, `import_ms` of the bundle, `peak_mib` of the handler's process.
 *
 * @throws Error when the answer is not 200
 */
export async function runColdStart(
  engine: string,
  request: QuestionRequest,
): Promise<Figures | undefined> {
  // Its end kills the engine that it started.
  const program = `
    ${importProgram()}
    const context = { awsRequestId: "bench", getRemainingTimeInMillis: () => 900_000 };
    const { statusCode, body } = await handler(${JSON.stringify(request)}, context);
    const peakMib = process.resourceUsage().maxRSS / 1024;
    process.stdout.write(JSON.stringify({ importMs, statusCode, body, peakMib }), () => process.exit());
  `;
  const variables = { BITNET_LOG_LEVEL: "error", BITNET_ENGINE: engine };
  const { totalMs, stdout } = await timed(program, variables);
  const { importMs, peakMib, ...response } = outputSchema.parse(JSON.parse(stdout));
  if (answerOf(response).tokens_predicted !== request.n_predict) return undefined;
  return { total_ms: totalMs, import_ms: importMs, peak_mib: peakMib };
}

async function timed(program: string, variables: Readonly<Record<string, string>> = {}) {
  const startedAt = performance.now();
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    env: { ...process.env, ...variables },
  });
  return { totalMs: performance.now() - startedAt, stdout };
}
