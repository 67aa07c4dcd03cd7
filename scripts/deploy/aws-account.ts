import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { UserError } from "../../model/user-error.ts";
import { askAws } from "./aws-failure.ts";

/** The account of the credentials in force. @throws UserError when there are none that work */
export async function signedInAccount(client: STSClient): Promise<string> {
  const { Account = "" } = await askAws("AWS credentials", () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  return Account;
}

/**
 * Stops when the state is of another account: Terraform would find nothing of it there, make
 * everything anew and lose sight of what is in the other.
 *
 * @param repositoryUrl `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` from the state; may be missing
 */
export function requireSameAccount(account: string, repositoryUrl: unknown): void {
  const owner = /^(\d{12})\./.exec(String(repositoryUrl))?.[1];
  if (owner === undefined || owner === account) return;
  throw new UserError(
    `this environment is in AWS account ${owner}, and you are signed in to ${account}: sign in to the other, or deploy another environment (ENV_SUFFIX=…)`,
  );
}
