import { createHash } from "node:crypto";
import { parseConfig } from "../../../runtime/config.ts";
import { grammarProblem } from "../../../runtime/constraint/grammar.ts";
import { createDirectInvocation } from "../../../runtime/direct/invocation.ts";
import { type Engine, statelessEngine } from "../../../runtime/engine/engine.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import type { GenerationRequest } from "../../../runtime/generation.ts";
import { createApp } from "../../../runtime/http/app.ts";
import { createInvokeApi } from "../../../runtime/http/invoke-api.ts";
import { createLambdaHandler } from "../../../runtime/lambda-handler.ts";
import { createLog } from "../../../runtime/logger.ts";
import { type NumberBounds, numberBounds, textBounds } from "../../../runtime/request/request.ts";
import { createService } from "../../../runtime/service.ts";
import { createStarts } from "../../../runtime/start.ts";
import { scriptedEngine } from "../../helpers/fakes/scripted-engine.ts";
import { oneAtATime } from "../../helpers/one-at-a-time.ts";

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
  const service = createService({
    config: used,
    engine: oneAtATime(checkingEngine()),
    log: createLog({ writeLine: (line) => lines.push(line), level: "info", now }),
    drawSeed: () => 7,
    nextStart: createStarts(undefined),
    now,
  });
  const app = createApp({ config: used, service });
  const handler = createLambdaHandler({
    config: { urlInvokeMode: "BUFFERED" },
    app,
    invokeDirectly: createDirectInvocation({ config: used, service }),
    awslambda: undefined,
  });
  const invokeApi = createInvokeApi({
    functionName: "bitnet",
    timeoutMs: 60_000,
    invoke: handler,
    newRequestId: () => fuzzRequestId,
    now: () => performance.now(),
    isBusy: () => false,
  });
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
  const numbers = Object.entries(numberBounds) as [keyof typeof numberBounds, NumberBounds][];
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
