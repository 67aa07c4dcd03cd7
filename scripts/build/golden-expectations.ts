import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Engine } from "../../runtime/engine/engine.ts";
import { RequestQueue } from "../../runtime/engine/request-queue.ts";
import { type AppError, toAppError } from "../../runtime/errors.ts";
import { generate } from "../../runtime/generate.ts";
import { parseRequest } from "../../runtime/request/request.ts";

/**
 * What the golden model answers, greedily. Every token of every answer leads the next best by a
 * logit margin of at least `minimumMargin`, so that a correct engine agrees to the letter on any
 * processor, and a wrong one does not by chance.
 */
export const expectationsSchema = z.object({
  /** The model the answers are of, by its bytes. */
  modelSha256: z.string().length(64),
  minimumMargin: z.number().min(1),
  cases: z
    .array(
      z.object({
        form: z.enum(["raw", "chat"]),
        /** The whole prompt as the engine gets it, less BOS. */
        prompt: z.string(),
        /** Its tokens, BOS included. */
        promptTokens: z.array(z.int()),
        /** The answer up to its end token. */
        answer: z.string(),
        /** For every generated token, the end token included: best less second-best logit. */
        margins: z.array(z.number()),
      }),
    )
    .min(1),
});

export type Expectations = z.infer<typeof expectationsSchema>;
export type Expectation = Expectations["cases"][number];

/** Reads an expectations file. @throws Error that names the file and what is wrong */
export function readExpectations(path: string): Expectations {
  const result = expectationsSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!result.success) throw new Error(`${path}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** An engine's result for one expectation. */
export interface Verdict {
  readonly expectation: Expectation;
  /** Its answer, or the reason why there is none. */
  readonly got: string;
  /** Every difference from what is expected; none for a right answer. */
  readonly differences: readonly string[];
}

/** Limit for one answer. The longest takes seconds under emulation of another processor. */
const answerMs = 120_000;

/** Asks an engine for one greedy answer and compares it. */
export async function judge(engine: Engine, expectation: Expectation): Promise<Verdict> {
  const { prompt, answer, margins, promptTokens } = expectation;
  const request = parseRequest(
    // A few tokens more than needed: a right engine ends by itself.
    { prompt, temperature: 0, repeat_penalty: 1, n_predict: margins.length + 8 },
    () => 0,
  );
  const limits = { signal: new AbortController().signal, timeMs: answerMs };
  try {
    let got = "";
    const differences: string[] = [];
    const expect = (what: string, value: unknown, expected: unknown) => {
      if (value !== expected) differences.push(`${what} ${value}, expected ${expected}`);
    };
    for await (const event of generate({ engine, queue: new RequestQueue() }, request, limits)) {
      if (event.type === "text-delta") {
        got += event.text;
        continue;
      }
      expect("finish reason", event.finishReason, "stop");
      expect("prompt tokens", event.usage.promptTokens, promptTokens.length);
      expect("tokens", event.usage.predictedTokens, margins.length);
    }
    return {
      expectation,
      got,
      differences: got === answer ? differences : ["text", ...differences],
    };
  } catch (error) {
    const failure = toAppError(error);
    return { expectation, got: failureText(failure), differences: [`failed: ${failure.kind}`] };
  }
}

/** The engine's last line of output where there is one, else our message. */
function failureText({ message, details }: AppError): string {
  return details.stderrTail?.trim().split("\n").at(-1) || message;
}

/** A table for the terminal: case, expected, got, verdict. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ expectation, got, differences }, index) => [
    `${index + 1}`,
    expectation.form,
    shortened(expectation.prompt),
    shortened(expectation.answer),
    shortened(got),
    differences.length === 0 ? "right" : `WRONG: ${differences.join("; ")}`,
  ]);
  const table = [["", "form", "prompt", "expected", "got", "verdict"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const aligned = (cell: string, column: number) => cell.padEnd(widths[column] ?? 0);
  return table.map((row) => row.map(aligned).join("  ").trimEnd()).join("\n");
}

/** At most `width` characters on one line; of a long text its end. */
function shortened(text: string, width = 34): string {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length <= width ? line : `…${line.slice(1 - width)}`;
}
