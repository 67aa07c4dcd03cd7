/** Terraform's words and what to do about them; the first match counts. */
const failures: readonly { readonly pattern: RegExp; readonly advice: string }[] = [
  {
    pattern: /Error acquiring the state lock/,
    advice:
      "Another run holds the state, or one was killed. Wait for it; if there is none, run `terraform -chdir=FOLDER force-unlock ID` with the lock's ID from above.",
  },
  {
    pattern: /Saved plan is stale/,
    advice: "The state has changed since the plan was made: run `make plan` again.",
  },
  {
    pattern: /Backend configuration changed|Backend initialization required/,
    advice:
      "The state was kept elsewhere before. Move it with `terraform -chdir=FOLDER init -migrate-state`.",
  },
  {
    pattern: /AlreadyExists|already exists|ResourceConflictException/,
    advice:
      "Something of that name is in this account but not in this state. Take another APP_NAME or ENV_SUFFIX, delete it, or import it with `terraform -chdir=FOLDER import ADDRESS NAME`.",
  },
  {
    pattern: /ExpiredToken|security token included in the request is (expired|invalid)/,
    advice: "The AWS credentials have expired: sign in again (`aws sso login`).",
  },
  {
    pattern: /No valid credential sources|failed to refresh cached credentials/i,
    advice: "Terraform finds no AWS credentials: set AWS_PROFILE, or sign in (`aws sso login`).",
  },
  {
    pattern: /UnreservedConcurrentExecution/,
    advice:
      "This account has too little concurrency to reserve any: unset LAMBDA_CONCURRENCY_LIMIT, or ask AWS for a higher quota.",
  },
  {
    pattern: /'MemorySize' value failed to satisfy/,
    advice:
      "This account may not have functions that large: LAMBDA_MEMORY_SIZE=3008, or ask AWS for a higher quota.",
  },
  {
    pattern: /AccessDenied|is not authorized to perform/,
    advice: "The AWS identity lacks the permission named above: ask the account's administrator.",
  },
  {
    pattern: /Failed to (query available|install) provider/,
    advice:
      "Terraform cannot fetch the AWS provider: check the network and HTTPS_PROXY, or name a plugin mirror in Terraform's CLI configuration.",
  },
  {
    pattern: /Throttling|Rate exceeded|TooManyRequests/,
    advice: "AWS throttles these requests: wait a minute.",
  },
];

/** What to do about a failed Terraform run; empty when it is unknown. */
export function terraformAdvice(output: string, folder: string): string {
  const found = failures.find(({ pattern }) => pattern.test(output));
  return found === undefined ? "" : found.advice.replaceAll("FOLDER", folder);
}
