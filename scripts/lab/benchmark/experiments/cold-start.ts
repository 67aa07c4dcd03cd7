import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readIntoPageCache } from "../../../../runtime/engine/page-cache.ts";
import { answerOf, handlerUrl } from "../bundled-handler.ts";
import { compareInTurn, type Experiment, figureColumns } from "../experiment.ts";
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
        "Node.js and the bundle": async () => ({ total_ms: (await timed(importing())).totalMs }),
        "first answer, llama-cli": () => runColdStart("llama-cli", request),
        "first answer, llama-server": () => runColdStart("llama-server", request),
      },
      [{ ...figureColumns.answer, label: "total" }],
    );
    return { comparisons: [comparison] };
  },
};

const importing = () => `const { handler } = await import(${JSON.stringify(handlerUrl())});`;

/** The function from nothing to its first answer. @throws Error when the answer is not 200 */
export async function runColdStart(
  engine: string,
  request: QuestionRequest,
): Promise<Figures | undefined> {
  // Its end kills the engine that it started.
  const program = `
    ${importing()}
    const context = { awsRequestId: "bench", getRemainingTimeInMillis: () => 900_000 };
    const response = await handler(${JSON.stringify(request)}, context);
    process.stdout.write(JSON.stringify(response), () => process.exit());
  `;
  const variables = { BITNET_LOG_LEVEL: "error", BITNET_ENGINE: engine };
  const { totalMs, stdout } = await timed(program, variables);
  if (answerOf(JSON.parse(stdout)).tokens_predicted !== request.n_predict) return undefined;
  return { total_ms: totalMs };
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
