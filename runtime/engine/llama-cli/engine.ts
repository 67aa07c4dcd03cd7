import { AppError } from "../../errors.ts";
import type { EngineFinishReason, GenerationRequest } from "../../generation.ts";
import { type RunningChild, startChildProcess } from "../child-process.ts";
import { AnswerText, type Engine, type EngineEvent, type EngineOptions } from "../engine.ts";
import { engineFailure, grammarRefused } from "../engine-failure.ts";
import { llamaCliArguments, memoryFor } from "./arguments.ts";
import { LlamaCliStatisticsReader, LlamaCliText } from "./output.ts";

/** An engine that runs llama-cli, or a program with its command line, once for every request. */
export class LlamaCliEngine implements Engine {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const output = new LlamaCliText();
    const statistics = new LlamaCliStatisticsReader();
    const text = new AnswerText(this.#options.now);
    const child = startLlamaCli(this.#options, request, signal, (bytes) => statistics.push(bytes));
    try {
      for await (const bytes of child.stdout) {
        if (statistics.isGrammarRefused) throw grammarRefused();
        const promptTokens = request.countsPrompt ? statistics.promptTokens : null;
        yield* text.events(output.push(bytes), promptTokens === null ? {} : { promptTokens });
      }
      const exit = await child.exit;
      if (statistics.isGrammarRefused) throw grammarRefused();
      const rest = output.end(exit.exitCode === 0);
      // What the model has ended is whole, even if the engine had to be stopped behind it.
      const isComplete = rest.isClosed && (exit.exitCode === 0 || exit.isTerminated);
      if (!isComplete && !exit.isTerminated) {
        const memoryMiBFor = (tokens: number) => memoryFor(this.#options, request, tokens);
        const run = { ...exit, hasPrompt: true, hasPrinted: output.hasBytes, memoryMiBFor };
        throw engineFailure(run, this.#options.program.variable);
      }
      yield* text.events(rest.text);
      const { promptTokens, predictedTokens, ...timings } = statistics.end();
      yield {
        type: "generation-end",
        finishReason: finishReason(isComplete, rest.isEndOfText),
        usage: { promptTokens, predictedTokens: predictedTokens ?? text.pieces },
        timings: { ...timings, ...text.timings() },
      };
    } finally {
      // Whoever leaves early waits until the child is gone.
      await child.exit;
    }
  }

  /** Always healthy: nothing is loaded before a request. */
  checkHealth(): void {}

  async settled(): Promise<void> {}

  async stop(): Promise<void> {}
}

function startLlamaCli(
  options: EngineOptions,
  request: GenerationRequest,
  signal: AbortSignal,
  onStderr: (bytes: Uint8Array) => void,
): RunningChild {
  const file = options.program.path;
  const args = llamaCliArguments(request, options);
  try {
    return startChildProcess({ ...options, file, args, input: request.prompt, signal, onStderr });
  } catch (error) {
    const message = "the prompt could not be handed over: is the temporary folder full?";
    throw new AppError("engine-unavailable", message, { cause: error });
  }
}

function finishReason(isComplete: boolean, isEndOfText: boolean): EngineFinishReason {
  if (!isComplete) return "aborted";
  return isEndOfText ? "stop" : "length";
}
