import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { UserError } from "../../model/user-error.ts";
import { isReason } from "../cli/command-line.ts";
import { runCommand } from "../cli/run-command.ts";
import { signedInAccount } from "./aws-clients.ts";
import { askAws } from "./aws-failure.ts";
import type { DeploymentDependencies } from "./deployment-dependencies.ts";
import { programName } from "./terraform-version.ts";

/** One thing that a deployment needs. */
interface DoctorCheck {
  readonly title: string;
  /** Title of a check without which this one cannot be made. */
  readonly needs?: string;
  /** What was found. @throws UserError that says what is missing and how to get it */
  run(): Promise<string>;
}

/** Concurrent executions that AWS keeps unreserved in every account. */
const unreservedAtLeast = 10;

const awsCredentials = "AWS credentials";

/** Everything that `make deploy` needs, in that order. */
function doctorChecks(dependencies: DeploymentDependencies): DoctorCheck[] {
  const { config, clients, builder, registry } = dependencies;
  return [
    { title: "Node.js", run: async () => process.version },
    { title: programName(dependencies.terraformProgram), run: dependencies.requireTerraform },
    { title: "container tool", run: dependencies.requireContainerTool },
    { title: "curl", run: curlVersion },
    { title: "model and engine pins", run: async () => `image ${await builder.tag()}` },
    {
      title: awsCredentials,
      run: async () => `account ${await signedInAccount(clients.sts)}, ${config.region}`,
    },
    {
      title: "ECR",
      needs: awsCredentials,
      run: () => registry.findImage("doctor").then(() => "may be read"),
    },
    { title: "Lambda quotas", needs: awsCredentials, run: () => checkQuotas(dependencies) },
  ];
}

/** `make init` downloads with curl. */
async function curlVersion(): Promise<string> {
  const { stdout } = await runCommand({ file: "curl", args: ["--version"] });
  return stdout.split(" ")[1] ?? "";
}

/** Reserving more than the account has would fail in the middle of an apply. */
async function checkQuotas({ config, clients }: DeploymentDependencies): Promise<string> {
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

/** Result of a check. */
type Diagnosis = Pick<DoctorCheck, "title"> & { readonly isGood: boolean; readonly text: string };

/** Runs every check, also after a failed one. */
export async function diagnose(dependencies: DeploymentDependencies): Promise<Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const check of doctorChecks(dependencies)) {
    const isWanting = diagnoses.some(({ title, isGood }) => title === check.needs && !isGood);
    diagnoses.push(
      isWanting
        ? { title: check.title, isGood: false, text: `cannot be checked without ${check.needs}` }
        : await diagnosisOf(check),
    );
  }
  return diagnoses;
}

async function diagnosisOf({ title, run }: DoctorCheck): Promise<Diagnosis> {
  try {
    return { title, isGood: true, text: await run() };
  } catch (error) {
    if (!isReason(error)) throw error;
    return { title, isGood: false, text: error.message.replace(`${title}: `, "") };
  }
}
