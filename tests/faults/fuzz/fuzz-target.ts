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

/** The key that the target with a key asks for. */
export const fuzzKey = "open sesame";

/** Every request's id. */
export const fuzzRequestId = "fuzz-id";

const config = parseConfig({
  BITNET_MODEL: "golden",
  BITNET_API_KEY_SHA256: createHash("sha256").update(fuzzKey).digest("hex"),
  BITNET_CORS_ORIGINS: "https://a.example",
});

/** All of the function but its engine, which checks what it is given. */
export function fuzzTarget({ hasKey = false } = {}) {
  const lines: string[] = [];
  const log = createLog({
    writeLine: (line) => lines.push(line),
    level: "info",
    now: () => new Date(0),
  });
  const used = { ...config, apiKeySha256: hasKey ? config.apiKeySha256 : undefined };
  const service = new Service({
    config: used,
    engine: checkingEngine(),
    queue: new RequestQueue(),
    log,
    drawSeed: () => 7,
    now: () => new Date(0),
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

/** Answers at once, and throws where a request lies outside the contract. */
function checkingEngine(): Engine {
  const answering = scriptedEngine({ pieces: ["An ", "answer."] });
  return {
    ...statelessEngine,
    async *generate(request, signal) {
      const broken = brokenBound(request);
      if (broken !== undefined) throw new Error(`the engine was given ${broken}`);
      yield* answering.generate(request, signal);
    },
  };
}

/** Linux takes no longer argument: MAX_ARG_STRLEN, 32 pages. */
const longestArgument = 128 * 1024;

/** The template around messages, and blanks in special tokens, at most double a prompt. */
const longestPromptBytes = 2 * textBounds.promptBytes;

/** What is wrong with what an engine is given; it trusts all of this. */
function brokenBound(request: GenerationRequest): string | undefined {
  const { prompt, settings } = request;
  const numbers = samplingRows;
  const wrong = numbers.find(([name, bounds]) => !isWithin(settings[name], bounds));
  if (wrong) return `${wrong[0]} out of bounds`;
  const texts = [prompt, settings.grammar, ...settings.stop];
  if (texts.some((text) => !text.isWellFormed())) return "half a character";
  if (prompt === "" || Buffer.byteLength(prompt) > longestPromptBytes)
    return "a prompt of a wrong size";
  if (settings.stop.length > textBounds.stops) return "too many stop strings";
  if (settings.stop.some(({ length }) => length === 0 || length > textBounds.stopLength))
    return "a stop string of a wrong size";
  if (settings.grammar.length > textBounds.grammarLength) return "a grammar that is too long";
  if (settings.grammar !== "" && grammarProblem(settings.grammar) !== undefined)
    return "a grammar that it cannot use";
  const args = llamaCliArguments(request, { ...config, threads: 1 });
  if (args.some((arg) => arg.includes("\0") || Buffer.byteLength(arg) >= longestArgument))
    return "what no command line can hold";
  return undefined;
}

function isWithin(
  value: number,
  { isInteger, minimum, maximum, isMinimumExclusive }: NumberBounds,
) {
  const isAbove = isMinimumExclusive ? value > minimum : value >= minimum;
  return isAbove && value <= maximum && (!isInteger || Number.isInteger(value));
}
