import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { UserError } from "../../model/user-error.ts";
import type { Environment } from "../../runtime/variables.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { askOnTerminal, requireConsent } from "../cli/consent.ts";
import { counted } from "../cli/counted.ts";
import { createDeploymentDependencies } from "../deploy/deployment-dependencies.ts";
import { readDeployedFunction } from "../remote/deployed-function.ts";
import type { BatchCloud } from "./batch-cloud.ts";
import { estimatedUsd, estimateSource } from "./batch-cost.ts";
import type { CheckedItem } from "./check-file.ts";
import { type CloudAnsweringOptions, cloudAnswering } from "./cloud-answering.ts";

/** What bounds the spending of a run. */
export interface Spending {
  /** Asks nothing. */
  readonly isApproved: boolean;
  /** Most USD that a run may cost by the estimate; `undefined` for any. */
  readonly budgetUsd: number | undefined;
}

/** The bucket and the state machine of a deployment. @throws UserError where there are none */
export async function connectBatchCloud(
  config: StackConfig,
  environment: Environment,
): Promise<BatchCloud> {
  const dependencies = createDeploymentDependencies(config, environment);
  const { batch_bucket, batch_state_machine } = await readDeployedFunction(dependencies);
  if (batch_bucket === "" || batch_state_machine === "") {
    throw new UserError(
      "The deployment has no batches yet: BATCH=on make deploy, or LOCAL=1 to answer on this machine.",
    );
  }
  const { region } = config;
  return {
    // A bucket's name in the host name would need one for each emulator.
    s3: new S3Client({ region, forcePathStyle: environment.AWS_ENDPOINT_URL !== undefined }),
    states: new SFNClient({ region }),
    bucket: batch_bucket,
    stateMachineArn: batch_state_machine,
  };
}

/** Answers lines by a deployment; asks before it spends. */
export function deployedAnswering(
  cloud: BatchCloud,
  config: StackConfig,
  spending: Spending,
  options: Pick<CloudAnsweringOptions, "signal" | "report" | "pollMs">,
) {
  const places = config.batchConcurrency;
  const approve = (items: readonly CheckedItem[]) =>
    approveSpending(items.length, estimatedUsd(items, places, config), spending, options.signal);
  return cloudAnswering({ ...options, cloud, places, approve });
}

async function approveSpending(
  lines: number,
  usd: number,
  { isApproved, budgetUsd }: Spending,
  signal: AbortSignal,
): Promise<void> {
  const price = `${usd.toFixed(usd < 0.1 ? 4 : 2)} USD`;
  if (budgetUsd !== undefined && usd > budgetUsd) {
    throw new UserError(
      `The estimate is ${price}, above BUDGET_USD=${budgetUsd}: raise it, send fewer lines, or shorten their max_tokens. Nothing was asked.`,
    );
  }
  if (isApproved) return;
  const question = `${counted(lines, "line")}, about ${price} at most (${estimateSource}).\nType yes to ask them: `;
  const consent = {
    question,
    agreement: "yes",
    withoutTerminal: `${counted(lines, "line")} for about ${price} at most, and there is no terminal to ask on: YES=1 make batch`,
    otherwise: "Nothing was asked.",
  };
  await requireConsent(consent, askOnTerminal(signal));
}
