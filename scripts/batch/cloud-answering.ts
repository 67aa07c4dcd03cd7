import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../model/user-error.ts";
import { type BatchResult, errorResult } from "../../runtime/batch/batch-result.ts";
import { AppError } from "../../runtime/errors.ts";
import { errorResponse } from "../../runtime/openai/error-response.ts";
import type { BatchExecutionInput } from "../../stacks/batch/definition.ts";
import { counted } from "../cli/counted.ts";
import {
  type BatchCloud,
  batchCounts,
  type ExecutionState,
  findExecution,
  ResultReader,
  startExecution,
} from "./batch-cloud.ts";
import type { Answering } from "./batch-run.ts";
import type { CheckedItem } from "./check-file.ts";
import { groupItems } from "./cloud-batches.ts";

/** What a run in the cloud depends on. */
export interface CloudAnsweringOptions {
  readonly cloud: BatchCloud;
  /** Batches answered at once. */
  readonly places: number;
  /** Asked before each execution that is started; throws where there is no consent. */
  readonly approve: (items: readonly CheckedItem[]) => Promise<void>;
  /** Shows what is new about the execution, for people. */
  readonly report: (text: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at the execution. Default 5,000. */
  readonly pollMs?: number;
}

/** Executions without any new answer after which what is left has failed. */
const mostFruitless = 2;

/**
 * Answers items by the state machine: uploads them in batches, starts an execution, follows it, and
 * collects results as they come. What an execution leaves without an answer, because functions died or
 * too many batches failed, goes into the next, in smaller batches: a redrive of what is missing, whose
 * results overwrite no others. Executions are named by the run and a number, so that a run that is
 * continued finds the one that is still going on, and never starts it twice.
 */
export function cloudAnswering(options: CloudAnsweringOptions): Answering {
  return async (items, onResult, runId) => {
    const { cloud, signal } = options;
    const reader = new ResultReader(cloud, `${runId}/results/`);
    const left = new Map(items.map((item) => [item.custom_id, item]));
    const collect = async () => {
      const before = left.size;
      for await (const result of reader.newResults()) {
        // A batch that was answered twice has its results in two files.
        if (left.delete(result.custom_id)) onResult(result);
      }
      return before - left.size;
    };
    let fruitless = 0;
    for (let attempt = 1; ; attempt++) {
      const name = executionName(runId, attempt);
      const found = await findExecution(cloud, name);
      let collected = await collect();
      if (left.size === 0) return;
      if (found === undefined) await start(options, runId, attempt, [...left.values()]);
      const ended = await follow(options, name, async () => {
        collected += await collect();
      });
      signal.throwIfAborted();
      if (left.size === 0) return;
      // One that ended before this process began has been collected from already.
      if (found?.isRunning !== false) fruitless = collected === 0 ? fruitless + 1 : 0;
      if (fruitless >= mostFruitless) return failRest(left, ended, onResult);
      options.report(`${counted(left.size, "line")} without an answer: asking them again`);
    }
  };
}

function executionName(runId: string, attempt: number): string {
  return `${runId}-${attempt}`;
}

async function start(
  { cloud, places, approve }: CloudAnsweringOptions,
  runId: string,
  attempt: number,
  items: readonly CheckedItem[],
): Promise<void> {
  await approve(items);
  const input: BatchExecutionInput = {
    key: `${runId}/batches-${attempt}.json`,
    // Each execution has its own results: what an earlier one has written stays.
    results: `${runId}/results/${attempt}-`,
  };
  // Later attempts are for what makes functions die: the smaller a batch, the less dies with it.
  const batches = groupItems(items, places * 4 ** (attempt - 1));
  await startExecution(cloud, executionName(runId, attempt), input, batches);
}

/** Waits for an execution's end, and collects meanwhile. */
async function follow(
  { cloud, report, signal, pollMs = 5000 }: CloudAnsweringOptions,
  name: string,
  collect: () => Promise<void>,
): Promise<ExecutionState> {
  let reported = "";
  for (;;) {
    const state = await findExecution(cloud, name);
    if (state === undefined) throw new UserError(`the execution ${name} is gone: run this again`);
    await collect();
    const counts = await batchCounts(cloud, state.arn);
    const text =
      counts === undefined
        ? ""
        : `${counts.succeeded} of ${counts.total} batches done, ${counts.failed} failed`;
    if (text !== "" && text !== reported) report(text);
    reported = text;
    if (!state.isRunning) return state;
    await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Lines that no function lives long enough to answer are errors. */
function failRest(
  left: ReadonlyMap<string, CheckedItem>,
  { cause }: ExecutionState,
  onResult: (result: BatchResult) => void,
): void {
  for (const { custom_id, line } of left.values()) {
    const requestId = `line-${line}`;
    const message = `the function failed on this line's batch each time${cause === undefined ? "" : ` (${cause})`}`;
    const error = new AppError("engine-killed", message);
    onResult(errorResult(custom_id, requestId, errorResponse(error, requestId)));
  }
}
