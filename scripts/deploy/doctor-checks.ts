import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { UserError } from "../../model/user-error.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { isReason } from "../cli/command-error.ts";
import { signedInAccount } from "./aws-account.ts";
import type { AwsClients } from "./aws-clients.ts";
import { askAws } from "./aws-failure.ts";

/** One thing that a deployment needs. */
export interface DoctorCheck {
  readonly title: string;
  /** What was found. @throws UserError that says what is missing and how to get it */
  run(): Promise<string>;
}

/** What the checks stand on. */
export interface DoctorParts {
  readonly config: StackConfig;
  readonly clients: Pick<AwsClients, "sts" | "lambda" | "ecr">;
  readonly requireTerraform: () => Promise<string>;
  readonly requireContainerTool: () => Promise<string>;
  /** The tag of the image; fails when something that goes into it is missing. */
  readonly imageTag: () => Promise<string>;
  /** The tag in the registry. */
  readonly findImage: (tag: string) => Promise<string | undefined>;
}

/** Executions that AWS keeps unreserved in every account. */
const unreservedAtLeast = 10;

/** Everything that `make deploy` needs, in the order in which it needs it. */
export function doctorChecks(parts: DoctorParts): DoctorCheck[] {
  const { config, clients } = parts;
  return [
    { title: "Node.js", run: async () => process.version },
    { title: "Terraform", run: parts.requireTerraform },
    { title: "container tool", run: parts.requireContainerTool },
    { title: "model and engine pins", run: async () => `image ${await parts.imageTag()}` },
    {
      title: "AWS credentials",
      run: async () => `account ${await signedInAccount(clients.sts)}, ${config.region}`,
    },
    {
      title: "ECR",
      run: async () => {
        await parts.findImage("doctor");
        return "may be read";
      },
    },
    { title: "Lambda quotas", run: () => checkQuotas(parts) },
  ];
}

/** Reserving more than the account has fails in the middle of an apply otherwise. */
async function checkQuotas({ config, clients }: DoctorParts): Promise<string> {
  const { AccountLimit } = await askAws("reading Lambda's quotas", () =>
    clients.lambda.send(new GetAccountSettingsCommand({})),
  );
  const free = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const wanted = config.concurrencyLimit ?? 0;
  if (wanted > 0 && free - wanted < unreservedAtLeast) {
    throw new UserError(
      `${free} concurrent executions are free, and AWS keeps ${unreservedAtLeast} of them: LAMBDA_CONCURRENCY_LIMIT=${wanted} cannot be reserved. Lower it, unset it, or ask AWS for a higher quota`,
    );
  }
  return `${free} concurrent executions`;
}

/** How a check ended. */
export interface Diagnosis {
  readonly title: string;
  readonly isGood: boolean;
  readonly text: string;
}

/** Runs every check, also behind a failed one. */
export async function diagnose(checks: readonly DoctorCheck[]): Promise<Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const { title, run } of checks) {
    diagnoses.push(
      await run().then(
        (text) => ({ title, isGood: true, text }),
        (error: unknown) => {
          if (!isReason(error)) throw error;
          return { title, isGood: false, text: error.message };
        },
      ),
    );
  }
  return diagnoses;
}
