import type { Config } from "../../../runtime/config.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import { parseRequest } from "../../../runtime/request/request.ts";
import { type Bench, roundsOf, threadsOf } from "./bench.ts";
import { runEngineAlone } from "./engine-run.ts";
import type { Comparison, FigureColumn } from "./experiment.ts";
import { type Figures, measureInTurn } from "./in-turn.ts";
import { type Question, requestFor } from "./question.ts";

/** A run of llama-cli, and what differs from the command line that the runtime would use. */
interface Variation {
  readonly question: Question;
  readonly tokens: number;
  readonly modelPath?: string;
  readonly threads?: number;
  /** Flags with other values than the runtime's, or that it does not use. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly watchesMemory?: boolean;
}

/**
 * Compares llama-cli with command lines that differ, in turn, without the handler.
 *
 * @param variations by name, in the order to show; the first is the baseline
 */
export async function varyEngine(
  bench: Bench,
  variations: Readonly<Record<string, Variation>>,
  columns: readonly FigureColumn[],
): Promise<Comparison> {
  const trials = await measureInTurn(
    Object.entries(variations).map(([name, variation]) => ({
      name,
      run: () => askEngine(bench, variation),
    })),
    roundsOf(bench),
  );
  return { names: Object.keys(variations), columns, trials };
}

/** Asks llama-cli with the runtime's own command line, except for what the variation changes. */
export function askEngine(bench: Bench, variation: Variation): Promise<Figures | undefined> {
  const { config, folder } = bench;
  const { question, tokens, flags = {}, watchesMemory = false } = variation;
  const request = parseRequest(requestFor(question, tokens), () => 0);
  const settings: Pick<Config, "modelPath" | "contextTokens"> & { threads: number } = {
    modelPath: variation.modelPath ?? config.modelPath,
    contextTokens: config.contextTokens,
    threads: variation.threads ?? threadsOf(bench),
  };
  return runEngineAlone({
    file: config.enginePaths["llama-cli"],
    args: withFlags(llamaCliArguments(request, settings), flags),
    prompt: question.prompt,
    folder,
    tokens,
    watchesMemory,
  });
}

/** Replaces the values of flags that are there, and appends the others. */
function withFlags(args: readonly string[], flags: Readonly<Record<string, string>>): string[] {
  const changed = [...args];
  for (const [flag, value] of Object.entries(flags)) {
    const at = changed.indexOf(flag);
    if (at >= 0) changed[at + 1] = value;
    else changed.push(...(value === "" ? [flag] : [flag, value]));
  }
  return changed;
}
