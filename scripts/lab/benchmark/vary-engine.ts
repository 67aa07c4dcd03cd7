import type { Bench, Comparison, FigureColumn } from "./experiment.ts";
import { measureInTurn } from "./in-turn.ts";
import type { Question } from "./question.ts";
import { askEngine, type EngineVariation } from "./question-run.ts";
import { roundsOf } from "./rounds.ts";

/** What one alternative asks llama-cli, and how. */
export interface Variation extends EngineVariation {
  readonly question: Question;
}

/**
 * llama-cli alone, with command lines that differ in something, in turn.
 *
 * @param variations by name, in the order to show; the first is the baseline
 */
export async function varyEngine(
  bench: Bench,
  variations: Readonly<Record<string, Variation>>,
  columns: readonly FigureColumn[],
): Promise<Comparison> {
  const trials = await measureInTurn(
    Object.entries(variations).map(([name, { question, ...variation }]) => ({
      name,
      run: () => askEngine(bench, question, variation),
    })),
    roundsOf(bench),
  );
  return { names: Object.keys(variations), columns, trials };
}
