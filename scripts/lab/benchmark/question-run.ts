import type { Config } from "../../../runtime/config.ts";
import { llamaCliArguments } from "../../../runtime/engine/llama-cli/arguments.ts";
import { parseRequest } from "../../../runtime/request/request.ts";
import { runEngineAlone } from "./engine-run.ts";
import type { Bench } from "./experiment.ts";
import type { Figures } from "./in-turn.ts";
import type { Question } from "./question.ts";
import { threadsOf } from "./threads-of.ts";

/** What differs from the command line that the runtime would use. */
export interface EngineVariation {
  readonly tokens: number;
  readonly modelPath?: string;
  readonly threads?: number;
  /** Flags with other values than the runtime's, or that it does not use. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly watchesMemory?: boolean;
}

/** A question put to llama-cli alone, with the runtime's own command line but for what varies. */
export function askEngine(
  { config, folder }: Bench,
  question: Question,
  { tokens, modelPath, threads, flags = {}, watchesMemory = false }: EngineVariation,
): Promise<Figures | undefined> {
  const { prompt, sampling } = question;
  const request = parseRequest({ prompt, ...sampling, n_predict: tokens }, () => 0);
  const settings: Pick<Config, "modelPath" | "contextTokens"> & { threads: number } = {
    modelPath: modelPath ?? config.modelPath,
    contextTokens: config.contextTokens,
    threads: threads ?? threadsOf(config),
  };
  return runEngineAlone({
    file: config.llamaCliPath,
    args: withFlags(llamaCliArguments(request, settings), flags),
    prompt,
    folder,
    tokens,
    watchesMemory,
  });
}

/** Values replaced where a flag is there, added behind all others where it is not. */
function withFlags(args: readonly string[], flags: Readonly<Record<string, string>>): string[] {
  const changed = [...args];
  for (const [flag, value] of Object.entries(flags)) {
    const at = changed.indexOf(flag);
    if (at >= 0) changed[at + 1] = value;
    else changed.push(...(value === "" ? [flag] : [flag, value]));
  }
  return changed;
}
