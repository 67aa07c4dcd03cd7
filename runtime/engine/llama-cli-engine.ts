import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { EngineFinishReason, GenerationEvent, GenerationRequest } from "../generation.ts";
import { type RunningChild, startChildProcess } from "./child-process.ts";
import type { Engine } from "./engine.ts";
import { engineFailure } from "./engine-failure.ts";
import { llamaCliArguments } from "./llama-cli-arguments.ts";
import {
  type LlamaCliStatistics,
  type LlamaCliStatisticsReader,
  readLlamaCliStatistics,
  readLlamaCliText,
} from "./llama-cli-output.ts";

/** What the llama-cli engine needs of its surroundings. */
export interface LlamaCliOptions {
  readonly config: Config;
  /** Engine threads: `threadsFor` of `lambda-sizing.ts`. */
  readonly threads: number;
  /** This process's environment; the child gets the few variables of {@link engineEnvironment}. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the prompt is written for a moment: /tmp on Lambda. */
  readonly temporaryFolder: string;
  /** Milliseconds that never run backwards. */
  readonly now: () => number;
}

/** An engine that runs llama-cli, or whatever has its command line, once for every request. */
export function createLlamaCliEngine(options: LlamaCliOptions): Engine {
  return { generate: (request, signal) => generate(options, request, signal) };
}

async function* generate(
  options: LlamaCliOptions,
  request: GenerationRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent<EngineFinishReason>> {
  const output = readLlamaCliText();
  const statistics = readLlamaCliStatistics();
  const text = watchText(options.now);

  const child = start(options, request, signal, statistics);
  try {
    for await (const bytes of child.stdout) yield* text.delta(output.push(bytes));
    const exit = await child.exit;
    const rest = output.end(exit.exitCode === 0);
    const isComplete = exit.exitCode === 0 && output.hasBytes();
    if (!isComplete && !exit.isTerminated) throw engineFailure(exit);

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
  { config, threads, environment, temporaryFolder }: LlamaCliOptions,
  request: GenerationRequest,
  signal: AbortSignal,
  statistics: LlamaCliStatisticsReader,
): RunningChild {
  try {
    return startChildProcess({
      file: config.llamaCliPath,
      args: llamaCliArguments(request, { ...config, threads }),
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

/**
 * The only variables the engine sees. Above all no `LLAMA_ARG_*`, which llama-cli reads as flags,
 * and no credentials.
 */
const inheritedVariables = ["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG"] as const;

/** What of this process's environment the engine's process gets. */
export function engineEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    inheritedVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Turns text into events, counting the pieces and noting when the first one came. */
function watchText(now: () => number) {
  const startedAt = now();
  let firstTextAt: number | undefined;
  let pieces = 0;
  return {
    *delta(text: string): Generator<GenerationEvent<EngineFinishReason>> {
      if (text === "") return;
      firstTextAt ??= now();
      pieces++;
      yield { type: "text-delta", text };
    },
    pieces: () => pieces,
    timings: () => ({
      firstTokenMs: firstTextAt === undefined ? null : firstTextAt - startedAt,
      totalMs: now() - startedAt,
    }),
  };
}

function engineTimings(told: LlamaCliStatistics) {
  const { loadMs, promptMs, predictedMs, promptTokensPerSecond, predictedTokensPerSecond } = told;
  return { loadMs, promptMs, predictedMs, promptTokensPerSecond, predictedTokensPerSecond };
}

function finishReason(isComplete: boolean, isEndOfText: boolean): EngineFinishReason {
  if (!isComplete) return "aborted";
  return isEndOfText ? "stop" : "length";
}
