import { AppError } from "../../errors.ts";
import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../../generation.ts";
import { type RunningChild, startChildProcess } from "../child-process.ts";
import { type Engine, statelessEngine } from "../engine.ts";
import { engineFailure, grammarRefused } from "../engine-failure.ts";
import { type EngineOptions, engineEnvironment } from "../engine-options.ts";
import { watchText } from "../watch-text.ts";
import { llamaCliArguments } from "./arguments.ts";
import {
  type LlamaCliStatistics,
  type LlamaCliStatisticsReader,
  readLlamaCliStatistics,
  readLlamaCliText,
} from "./output.ts";

/** An engine that runs llama-cli, or whatever has its command line, once for every request. */
export function createLlamaCliEngine(options: EngineOptions): Engine {
  return { ...statelessEngine, generate: (request, signal) => generate(options, request, signal) };
}

async function* generate(
  options: EngineOptions,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent<EngineFinishReason>> {
  const output = readLlamaCliText();
  const statistics = readLlamaCliStatistics();
  const text = watchText(options.now);

  const child = start(options, request, signal, statistics);
  try {
    for await (const bytes of child.stdout) {
      if (statistics.isGrammarRefused()) throw grammarRefused();
      yield* text.delta(output.push(bytes));
    }
    const exit = await child.exit;
    if (statistics.isGrammarRefused()) throw grammarRefused();
    const rest = output.end(exit.exitCode === 0);
    // What the model has ended is whole, even if the engine had to be stopped behind it.
    const isComplete = rest.isClosed && (exit.exitCode === 0 || exit.isTerminated);
    if (!isComplete && !exit.isTerminated) {
      throw engineFailure({ ...exit, hasPrompt: true, hasPrinted: output.hasBytes() });
    }

    yield* text.delta(rest.text);
    const told = statistics.end();
    yield {
      type: "generation-end",
      finishReason: finishReason(isComplete, rest.isEndOfText),
      usage: {
        promptTokens: told.promptTokens,
        predictedTokens: told.predictedTokens ?? text.pieces(),
      },
      timings: { ...engineTimings(told), ...text.timings() },
    };
  } finally {
    // Whoever leaves early waits until the child is gone.
    await child.exit;
  }
}

function start(
  { config, threads, environment, promptCache, temporaryFolder }: EngineOptions,
  request: GenerationRequest,
  signal: AbortSignal,
  statistics: LlamaCliStatisticsReader,
): RunningChild {
  try {
    return startChildProcess({
      file: config.llamaCliPath,
      args: llamaCliArguments(request, { ...config, threads, promptCache }),
      environment: engineEnvironment(environment),
      input: request.prompt,
      temporaryFolder,
      signal,
      killDelayMs: config.killDelayMs,
      onStderr: statistics.push,
    });
  } catch (error) {
    const message = "the prompt could not be handed over: is the temporary folder full?";
    throw new AppError("engine-unavailable", message, { cause: error });
  }
}

function engineTimings(told: LlamaCliStatistics) {
  const { loadMs, promptMs, predictedMs, promptTokensPerSecond, predictedTokensPerSecond } = told;
  return { loadMs, promptMs, predictedMs, promptTokensPerSecond, predictedTokensPerSecond };
}

function finishReason(isComplete: boolean, isEndOfText: boolean): EngineFinishReason {
  if (!isComplete) return "aborted";
  return isEndOfText ? "stop" : "length";
}
