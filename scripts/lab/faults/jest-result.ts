import * as z from "zod";

/** What is read of jest's `--json`: https://jestjs.io/docs/cli#--json (jest 30, read 2026-11). */
const jestResultSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      /** Why a file could not be run at all. */
      message: z.string(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
});

/** The result of one run of jest. */
export type JestResult = z.output<typeof jestResultSchema>;

/** Jest's result from the file that it wrote. */
export function parseJestResult(text: string): JestResult {
  return jestResultSchema.parse(JSON.parse(text));
}
