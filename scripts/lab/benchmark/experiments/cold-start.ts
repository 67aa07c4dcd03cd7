import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { promisify } from "node:util";
import * as z from "zod";
import { readIntoPageCache } from "../../../../runtime/engine/page-cache.ts";
import { answerOf, handlerBundle, handlerUrl } from "../bundled-handler.ts";
import { compareInTurn, type Experiment } from "../experiment.ts";
import type { Figures } from "../in-turn.ts";
import { findQuestion, type QuestionRequest, requestFor } from "../question.ts";

const tokens = 10;

/** From nothing to the first answer, and the time that no implementation can avoid. */
export const coldStart: Experiment = {
  id: "cold-start",
  title: "From nothing to the first answer",
  about: `A new process each time, the files in the page cache: Node.js starts, loads the bundle, starts the engine, and answers with ${tokens} tokens. Lambda adds its own share, fetching the image's layers above all, which only Lambda can show. No start can be faster than reading the model once.`,
  async run(bench) {
    const { modelPath } = bench.config;
    const request = requestFor(await findQuestion(tokens), tokens);
    const comparison = await compareInTurn(
      bench,
      {
        async "reading the model file once"() {
          const startedAt = performance.now();
          await readIntoPageCache(modelPath);
          return { total_ms: performance.now() - startedAt };
        },
        "Node.js alone": async () => ({ total_ms: (await timed("")).totalMs }),
        "Node.js and the bundle": importBundle,
        "first answer, llama-cli": () => runColdStart("llama-cli", request),
        "first answer, llama-server": () => runColdStart("llama-server", request),
      },
      [
        { figure: "total_ms", label: "total", unit: "ms" },
        { figure: "import_ms", label: "of which importing the bundle", unit: "ms" },
        { figure: "peak_mib", label: "peak memory of the handler", unit: "MiB" },
      ],
    );
    const bundleKib = (statSync(handlerBundle).size / 1024).toFixed(0);
    const modelMb = (statSync(modelPath).size / 1e6).toFixed(1);
    return {
      comparisons: [comparison],
      notes: [`The bundle has ${bundleKib} KiB, the model file ${modelMb} MB.`],
    };
  },
};

const importProgram = () => `
  const startedAt = performance.now();
  const { handler } = await import(${JSON.stringify(handlerUrl())});
  const importMs = performance.now() - startedAt;
`;

async function importBundle(): Promise<Figures> {
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

/** The function from nothing to its first answer. @throws Error when the answer is not 200 */
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

/** Times Node.js from its start to its end. */
async function timed(program: string, variables: Readonly<Record<string, string>> = {}) {
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { env: { ...process.env, ...variables } },
  );
  return { totalMs: performance.now() - startedAt, stdout };
}
