/** Terraform's words and what to do about them; the first match counts. */
const failures: readonly (readonly [RegExp, advice: string])[] = [
  [
    /Error acquiring the state lock/,
    "Another run holds the state, or one was killed. Wait for it; if there is none, run `IN_FOLDER force-unlock ID` with the lock's ID from above.",
  ],
  [/Saved plan is stale/, "The state has changed since the plan was made: run `make plan` again."],
  [
    /Backend configuration changed|Backend initialization required/,
    "The state was kept elsewhere before, because STATE_BUCKET or STATE_REGION was another. To move it, run `IN_FOLDER init -migrate-state`; if a state is there already, `IN_FOLDER init -reconfigure` uses it.",
  ],
  [
    /AlreadyExists|already exists|ResourceConflictException/,
    "Something of that name is in this account but not in this state. Take another APP_NAME or ENV_SUFFIX, delete it, or import it with `IN_FOLDER import VARIABLES ADDRESS NAME`.",
  ],
  [
    /ExpiredToken|security token included in the request is (expired|invalid)/,
    "The AWS credentials have expired: sign in again (`aws sso login`).",
  ],
  [
    /No valid credential sources|failed to refresh cached credentials/i,
    "TERRAFORM finds no AWS credentials: set AWS_PROFILE, or sign in (`aws sso login`).",
  ],
  [
    /UnreservedConcurrentExecution/,
    "This account has too little concurrency to reserve any: unset LAMBDA_CONCURRENCY_LIMIT, or ask AWS for a higher quota.",
  ],
  [
    /'MemorySize' value failed to satisfy/,
    "This account may not have functions that large: LAMBDA_MEMORY_SIZE=3008, or ask AWS for a higher quota.",
  ],
  [
    /AccessDenied|is not authorized to perform/,
    "The AWS identity lacks the permission named above: ask the account's administrator.",
  ],
  [
    /Failed to (query available|install) provider/,
    "TERRAFORM cannot fetch the AWS provider: check the network and HTTPS_PROXY, or name a plugin mirror in its CLI configuration.",
  ],
  [/Throttling|Rate exceeded|TooManyRequests/, "AWS throttles these requests: wait a minute."],
];

/** What Terraform wrote, without the stack, which it quotes as one line of many thousand characters. */
export function terraformWords(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return lines.filter((line) => !/^[│\s]*\d+: \{/.test(line)).join("\n");
}

/** The run that failed. */
interface FailedRun {
  /** `Terraform`, or `OpenTofu`. */
  readonly name: string;
  /** The beginning of a command line in the stack's folder. */
  readonly inFolder: string;
  /** The flags of the stack's variables. */
  readonly variables: readonly string[];
}

/** What to do about a failed run; empty when it is unknown. */
export function terraformAdvice(output: string, run: FailedRun): string {
  const [, advice = ""] = failures.find(([pattern]) => pattern.test(output)) ?? [];
  return advice
    .replaceAll("TERRAFORM", run.name)
    .replaceAll("IN_FOLDER", run.inFolder)
    .replace(/VARIABLES /, run.variables.map((flag) => `${flag} `).join(""));
}
