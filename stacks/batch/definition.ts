/** What the state machine's definition depends on. */
export interface BatchDefinitionOptions {
  /** Of the alias that answers. */
  readonly functionArn: string;
  readonly bucketName: string;
  readonly maxConcurrency: number;
  /** Share of the batches that may fail before the run stops, in percent. */
  readonly toleratedFailurePercentage: number;
}

/**
 * Most bytes of a batch on its way through the state machine, as the function is asked to keep it:
 * results and what is unfinished. AWS's limit is 256 KiB for a state.
 */
export const outcomeBytes = 240_000;

/** An execution's input: where the batches are. */
export interface BatchExecutionInput {
  /** Key of the JSON array of batches, `RUN/batches-N.json`. */
  readonly key: string;
  /** Prefix of the results, `RUN/results/`. */
  readonly results: string;
}

/** An element of the array. */
export interface BatchElement {
  /** Names the batch's results, so that answering it again overwrites them. */
  readonly index: number;
  readonly items: readonly object[];
}

/** Lambda refuses for now: wait longer and longer, up to some ten minutes together. */
const busyRetry = {
  ErrorEquals: [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.SnapStartNotReadyException",
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  MaxAttempts: 15,
  JitterStrategy: "FULL",
} as const;

/** The function died: out of memory, out of time, crashed. */
const failedRetry = {
  ErrorEquals: ["States.TaskFailed", "States.Timeout"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 2,
} as const;

/**
 * The state machine in Amazon States Language: a Distributed Map over a JSON array of batches in the
 * bucket. For each batch it invokes the function, writes the results under the batch's index and the
 * number of the pass, and invokes it again with what is unfinished.
 *
 * Source: docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11).
 */
export function batchDefinition(options: BatchDefinitionOptions): object {
  const { functionArn, bucketName } = options;
  return {
    Comment: "Answers batches of prompts",
    StartAt: "Batches",
    States: {
      Batches: {
        Type: "Map",
        Label: "Batches",
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: { InputType: "JSON" },
          Parameters: { Bucket: bucketName, "Key.$": "$.key" },
        },
        ItemSelector: {
          "index.$": "$$.Map.Item.Value.index",
          "batch.$": "$$.Map.Item.Value",
          "results.$": "$.results",
          pass: 0,
        },
        MaxConcurrency: options.maxConcurrency,
        ToleratedFailurePercentage: options.toleratedFailurePercentage,
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "Answer",
          States: {
            Answer: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Parameters: {
                FunctionName: functionArn,
                Payload: { batch: { "items.$": "$.batch.items", outcome_bytes: outcomeBytes } },
              },
              ResultSelector: {
                "results.$": "$.Payload.results",
                // As `items`, so that what is left takes the place of what was asked.
                "items.$": "$.Payload.unfinished",
              },
              ResultPath: "$.batch",
              Retry: [busyRetry, failedRetry],
              Next: "Save",
            },
            Save: {
              Type: "Task",
              Resource: "arn:aws:states:::aws-sdk:s3:putObject",
              Parameters: {
                Bucket: bucketName,
                "Key.$": "States.Format('{}{}-{}.json', $.results, $.index, $.pass)",
                "Body.$": "$.batch.results",
                ContentType: "application/json",
              },
              ResultPath: "$.saved",
              Retry: [{ ...failedRetry, MaxAttempts: 5 }],
              Next: "Is anything left?",
            },
            "Is anything left?": {
              Type: "Choice",
              Choices: [{ Variable: "$.batch.items[0]", IsPresent: true, Next: "Count" }],
              Default: "Done",
            },
            Count: {
              Type: "Pass",
              Parameters: {
                "index.$": "$.index",
                "batch.$": "$.batch",
                "results.$": "$.results",
                "pass.$": "States.MathAdd($.pass, 1)",
              },
              Next: "Answer",
            },
            Done: { Type: "Pass", Result: {}, End: true },
          },
        },
        ResultPath: null,
        End: true,
      },
    },
  };
}
