import { createHash } from "node:crypto";
import { parseConfig } from "../../../runtime/config.ts";
import { grammarProblem } from "../../../runtime/constraint/grammar.ts";
import { invokeDirectly } from "../../../runtime/direct/invocation.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import { RequestQueue } from "../../../runtime/engine/request-queue.ts";
import type { GenerationRequest } from "../../../runtime/generation.ts";
import { createApp } from "../../../runtime/http/app.ts";
import { answerInvokeApi } from "../../../runtime/http/invoke-api.ts";
import { lambdaHandler } from "../../../runtime/http/lambda-handler.ts";
import { createLog } from "../../../runtime/logger.ts";
import { textBounds } from "../../../runtime/request/request.ts";
import { type NumberBounds, samplingRows } from "../../../runtime/request/sampling-parameters.ts";
import { Service } from "../../../runtime/service.ts";
import { scriptedEngine, statelessEngine } from "../../helpers/fakes/scripted-engine.ts";

/** Every request's id. */
export const fuzzRequestId = "fuzz-id";

const config = parseConfig({
  BITNET_MODEL: "golden",
  BITNET_API_KEY_SHA256: createHash("sha256").update("open sesame").digest("hex"),
  BITNET_CORS_ORIGINS: "https://a.example",
});

/** All of the function but its engine, which checks its input. */
export function fuzzTarget({ hasKey = false } = {}) {
  const lines: string[] = [];
  const used = { ...config, apiKeySha256: hasKey ? config.apiKeySha256 : undefined };
  const now = () => new Date(0);
  const service = new Service({
    config: used,
    engine: checkingEngine(),
    queue: new RequestQueue(),
    log: createLog({ writeLine: (line) => lines.push(line), level: "info", now }),
    drawSeed: () => 7,
    now,
  });
  const app = createApp({ config: used, service });
  const handler = lambdaHandler({
    config: { urlInvokeMode: "BUFFERED" },
    app,
    invokeDirectly: (event, context) => invokeDirectly({ config: used, service }, event, context),
    awslambda: undefined,
  });
  const invocation = {
    functionName: "bitnet",
    timeoutMs: 60_000,
    invoke: handler,
    newRequestId: () => fuzzRequestId,
    now: () => performance.now(),
    isBusy: () => false,
  };
  const invokeApi = (request: Request) => answerInvokeApi(invocation, request);
  return { app, handler, invokeApi, takeLines: () => lines.splice(0) };
}

export type FuzzTarget = ReturnType<typeof fuzzTarget>;

/** Answers at once; throws when a request is outside the contract. */
function checkingEngine(): Engine {
  const answering = scriptedEngine({ pieces: ["An ", "answer."] });
  return {
    ...statelessEngine,
    async *generate(request, signal) {
      const problem = contractProblem(request);
      if (problem !== undefined) throw new Error(`the engine received ${problem}`);
      yield* answering.generate(request, signal);
    },
  };
}

/** The longest argument on Linux: MAX_ARG_STRLEN, 32 pages. */
const longestArgument = 128 * 1024;

/** The template around messages, and blanks in special tokens, at most double a prompt. */
const longestPromptBytes = 2 * textBounds.promptBytes;

/** What is wrong with an engine's input, all of which it trusts. */
function contractProblem(request: GenerationRequest): string | undefined {
  const { prompt, settings } = request;
  const { stop, grammar } = settings;
  const numbers = samplingRows;
  const wrong = numbers.find(([name, bounds]) => !isWithin(settings[name], bounds));
  const problems = {
    [`${wrong?.[0]} out of bounds`]: wrong !== undefined,
    "half a character": [prompt, grammar, ...stop].some((text) => !text.isWellFormed()),
    "an empty prompt": prompt === "",
    "a long prompt": Buffer.byteLength(prompt) > longestPromptBytes,
    "too many stop strings": stop.length > textBounds.stops,
    "an empty stop string": stop.includes(""),
    "a long stop string": stop.some(({ length }) => length > textBounds.stopLength),
    "a long grammar": grammar.length > textBounds.grammarLength,
    "an invalid grammar": grammar !== "" && grammarProblem(grammar) !== undefined,
    "a text that no command line can hold": llamaCliArguments(request, {
      ...config,
      threads: 1,
    }).some((arg) => arg.includes("\0") || Buffer.byteLength(arg) >= longestArgument),
  };
  return Object.entries(problems).find(([, isProblem]) => isProblem)?.[0];
}

function isWithin(
  value: number,
  { isInteger, minimum, maximum, isMinimumExclusive }: NumberBounds,
): boolean {
  const isAbove = isMinimumExclusive ? value > minimum : value >= minimum;
  return isAbove && value <= maximum && (!isInteger || Number.isInteger(value));
}
