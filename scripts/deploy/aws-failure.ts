import { UserError } from "../../model/user-error.ts";

const signInAgain = "the AWS credentials have expired: sign in again (`aws sso login`)";
const askForRight = "ask the AWS account's administrator for the permission named above";
const waitAMinute = "AWS throttles these requests: wait a minute and run it again";

/** What to do about an AWS error, by its name or system code. */
const advice: Readonly<Record<string, string>> = {
  CredentialsProviderError:
    "no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (`aws sso login`)",
  TokenProviderError: signInAgain,
  ExpiredToken: signInAgain,
  ExpiredTokenException: signInAgain,
  InvalidClientTokenId: "AWS does not know these credentials: check AWS_PROFILE or the access key",
  UnrecognizedClientException:
    "AWS does not know these credentials, or the region is not enabled for the account",
  SignatureDoesNotMatch: "AWS refuses the secret key: check AWS_SECRET_ACCESS_KEY and the clock",
  AccessDenied: askForRight,
  AccessDeniedException: askForRight,
  Throttling: waitAMinute,
  ThrottlingException: waitAMinute,
  TooManyRequestsException:
    "the function is at its concurrency limit: wait, or raise LAMBDA_CONCURRENCY_LIMIT or the account's quota",
  ResourceNotFoundException:
    "`make deploy` creates it; after that, check AWS_REGION and ENV_SUFFIX",
  ENOTFOUND: "AWS has no such service in this region, or there is no network: check AWS_REGION",
  EAI_AGAIN: "the name server does not answer: check the network",
  ECONNREFUSED: "nothing listens there: check AWS_ENDPOINT_URL or ENDPOINT",
  TimeoutError: "there was no answer in time: check the network and HTTPS_PROXY",
};

/** Names of an AWS error: its own, its system code, and those of the error that it wraps. */
export function awsErrorNames(error: unknown): string[] {
  const { name = "", code = "", message = "" } = error as Record<string, string>;
  // Some clients wrap an error in one of their own and keep its name or code only in the text.
  const quoted = /\bE[A-Z_]{5,}\b/.exec(message)?.[0] ?? "";
  const wrapped = /error wrapper for (\w+)/.exec(message)?.[1] ?? "";
  return [name, code, quoted, wrapped].filter((found) => found !== "");
}

/** A failed AWS call as an error with advice; unknown errors keep only AWS's own words. */
export function awsFailure(what: string, error: unknown): UserError {
  const { name, code, message } = error as Record<string, string>;
  const words = message || name || code || String(error);
  const found = awsErrorNames(error).find((known) => Object.hasOwn(advice, known));
  const lines = [`${what}: ${words}`, ...(found ? [advice[found]] : [])];
  return new UserError(lines.join("\n  "), { cause: error });
}

/** Runs an AWS call. @throws UserError that starts with what was asked for */
export async function askAws<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof UserError ? error : awsFailure(what, error);
  }
}
