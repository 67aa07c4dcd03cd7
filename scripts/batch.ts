import * as z from "zod";
import { UserError } from "../model/user-error.ts";
import { readVariables } from "../runtime/variables.ts";
import { runBatchFile } from "./batch/batch-run.ts";
import { localBatch } from "./batch/local-answering.ts";
import { summary } from "./batch/summary.ts";
import { runInterruptible } from "./cli/command-line.ts";

// `make batch IN=prompts.jsonl OUT=results.jsonl`: answers a file of requests. LOCAL=1 asks this
// machine's resident engine, otherwise the deployed function is asked.

const commandSettings = z.object({
  IN: z.string().min(1, "must name a file").optional(),
  OUT: z.string().min(1, "must name a file").optional(),
  LOCAL: z.literal("1", "must be 1").optional(),
  SKIP_INVALID: z.literal("1", "must be 1").optional(),
});

await runInterruptible(async (signal) => {
  const { IN, OUT, LOCAL, SKIP_INVALID } = readVariables(commandSettings, process.env);
  if (IN === undefined || OUT === undefined) {
    throw new UserError("Name the files: make batch IN=prompts.jsonl OUT=results.jsonl LOCAL=1");
  }
  if (LOCAL === undefined) throw new UserError("Only LOCAL=1 is there yet.");
  const { description, context, answering } = localBatch(signal);
  console.error(`${IN} → ${OUT}, with ${description}`);
  const run = { input: IN, out: OUT, skipsInvalid: SKIP_INVALID === "1", context, signal };
  const report = await runBatchFile(run, answering);
  console.log(summary(report, OUT, { usd: undefined, singleUsd: undefined }));
});
