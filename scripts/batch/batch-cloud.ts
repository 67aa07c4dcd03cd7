import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { BatchResult } from "../../runtime/batch/batch-result.ts";
import type { BatchElement, BatchExecutionInput } from "../../stacks/batch/definition.ts";
import { askAws, awsErrorNames } from "../deploy/aws-failure.ts";

/** Where batches run. */
export interface BatchCloud {
  readonly s3: S3Client;
  readonly states: SFNClient;
  readonly bucket: string;
  readonly stateMachineArn: string;
}

/** How an execution stands. */
export interface ExecutionState {
  readonly arn: string;
  readonly isRunning: boolean;
  readonly hasSucceeded: boolean;
  /** Why it failed, in AWS's words. */
  readonly cause: string | undefined;
}

/** An execution of a run by its name, `undefined` if there is none. */
export async function findExecution(
  cloud: BatchCloud,
  name: string,
): Promise<ExecutionState | undefined> {
  const executionArn = `${cloud.stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  try {
    const found = await cloud.states.send(new DescribeExecutionCommand({ executionArn }));
    return {
      arn: executionArn,
      isRunning: found.status === "RUNNING" || found.status === "PENDING_REDRIVE",
      hasSucceeded: found.status === "SUCCEEDED",
      cause: [found.error, found.cause].filter(Boolean).join(": ") || undefined,
    };
  } catch (error) {
    if (awsErrorNames(error).includes("ExecutionDoesNotExist")) return undefined;
    return askAws("the batch's execution", () => Promise.reject(error));
  }
}

/** Uploads batches and starts an execution on them. One of the same name is never started twice. */
export async function startExecution(
  cloud: BatchCloud,
  name: string,
  input: BatchExecutionInput,
  batches: readonly BatchElement[],
): Promise<void> {
  const { s3, states, bucket, stateMachineArn } = cloud;
  await askAws(`upload to ${bucket}`, () =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: input.key,
        Body: JSON.stringify(batches),
        ContentType: "application/json",
      }),
    ),
  );
  await askAws("start of the batch's execution", () =>
    states.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })),
  );
}

/** Batches of an execution that are done, and that failed; `undefined` while there are no figures. */
export async function batchCounts(
  { states }: BatchCloud,
  executionArn: string,
): Promise<{ total: number; succeeded: number; failed: number } | undefined> {
  const { mapRuns } = await askAws("the batch's map run", () =>
    states.send(new ListMapRunsCommand({ executionArn })),
  );
  const mapRunArn = mapRuns?.[0]?.mapRunArn;
  if (mapRunArn === undefined) return undefined;
  const { itemCounts } = await askAws("the batch's map run", () =>
    states.send(new DescribeMapRunCommand({ mapRunArn })),
  );
  if (itemCounts === undefined) return undefined;
  const { total = 0, succeeded = 0, failed = 0, timedOut = 0, aborted = 0 } = itemCounts;
  return { total, succeeded, failed: failed + timedOut + aborted };
}

/** Reads results from the bucket, each file of them once. */
export class ResultReader {
  readonly #cloud: BatchCloud;
  readonly #prefix: string;
  readonly #read = new Set<string>();

  constructor(cloud: BatchCloud, prefix: string) {
    this.#cloud = cloud;
    this.#prefix = prefix;
  }

  /** The results that have come since the last time. */
  async *newResults(): AsyncGenerator<BatchResult> {
    for await (const key of this.#keys()) {
      if (this.#read.has(key)) continue;
      for (const result of await this.#resultsIn(key)) yield result;
      this.#read.add(key);
    }
  }

  async *#keys(): AsyncGenerator<string> {
    const { s3, bucket } = this.#cloud;
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: this.#prefix });
    for (;;) {
      const page = await askAws(`list of ${bucket}`, () => pages.next());
      if (page.done) return;
      for (const { Key } of page.value.Contents ?? []) if (Key !== undefined) yield Key;
    }
  }

  async #resultsIn(key: string): Promise<BatchResult[]> {
    const { s3, bucket } = this.#cloud;
    const text = await askAws(`read from ${bucket}`, async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body?.transformToString();
    });
    return JSON.parse(text ?? "[]");
  }
}
