import * as z from "zod";
import { UserError } from "../model/user-error.ts";
import { readVariables } from "../runtime/variables.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { type BatchRun, runBatchFile } from "./batch/batch-run.ts";
import { localBatch } from "./batch/local-answering.ts";
import { summary } from "./batch/summary.ts";
import { runInterruptible } from "./cli/command-line.ts";

// `make batch IN=prompts.jsonl OUT=results.jsonl`: answers a file of requests by the deployed function,
// after a question with an estimate (YES=1 asks nothing, BUDGET_USD is the most it may be). LOCAL=1
// asks this machine's resident engine instead.

const commandSettings = z.object({
  IN: z.string().min(1, "must name a file").optional(),
  OUT: z.string().min(1, "must name a file").optional(),
  LOCAL: z.literal("1", "must be 1").optional(),
  SKIP_INVALID: z.literal("1", "must be 1").optional(),
  YES: z.literal("1", "must be 1").optional(),
  BUDGET_USD: z.coerce.number("must be a number").positive("must be above 0").optional(),
});

type CommandSettings = z.output<typeof commandSettings>;

await runInterruptible(async (signal) => {
  const sent = readVariables(commandSettings, process.env);
  const { IN: input, OUT: out } = sent;
  if (input === undefined || out === undefined) {
    throw new UserError("Name the files: make batch IN=prompts.jsonl OUT=results.jsonl [LOCAL=1]");
  }
  const run = { input, out, skipsInvalid: sent.SKIP_INVALID === "1", signal };
  await (sent.LOCAL === undefined ? runInCloud(run, sent) : runLocally(run));
});

async function runLocally(run: Omit<BatchRun, "context">): Promise<void> {
  const { description, context, answering } = localBatch(run.signal);
  console.error(`${run.input} → ${run.out}, with ${description}`);
  const report = await runBatchFile({ ...run, context }, answering);
  console.log(summary(report, run.out));
}

async function runInCloud(run: Omit<BatchRun, "context">, sent: CommandSettings): Promise<void> {
  // The AWS SDK is not among the packages that LOCAL=1 needs.
  const { connectBatchCloud, deployedAnswering } = await import("./batch/deployed-batch.ts");
  const { fitForCloud } = await import("./batch/cloud-batches.ts");
  const { runCost } = await import("./batch/batch-cost.ts");
  const config = parseStackConfig(settings, process.env);
  const cloud = await connectBatchCloud(config, process.env);
  console.error(`${run.input} → ${run.out}, by ${cloud.stateMachineArn}`);
  const spending = { isApproved: sent.YES === "1", budgetUsd: sent.BUDGET_USD };
  const report = (text: string) => console.error(text);
  const answering = deployedAnswering(cloud, config, spending, { signal: run.signal, report });
  const context = { systemPrompt: config.runtime.systemPrompt, modelName: undefined };
  const outcome = await runBatchFile({ ...run, context, fit: fitForCloud }, answering);
  console.log(summary(outcome, run.out, runCost(outcome.results, config)));
}
