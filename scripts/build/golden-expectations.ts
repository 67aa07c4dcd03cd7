import { readFileSync } from "node:fs";
import * as z from "zod";

/**
 * What the golden model answers, greedily. Every token leads the next best by a logit margin of at
 * least `minimumMargin`: a correct engine agrees to the letter on any processor.
 */
const expectationsSchema = z.object({
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
