import type { Problem } from "../runtime/errors.ts";
import type { Settings } from "./settings-schema.ts";

/** Settings that are each allowed but not together, and what to do. */
interface ImpossiblePair {
  readonly path: string;
  readonly holds: (settings: Settings) => boolean;
  readonly message: string;
}

const hasUrl = ({ functionUrl }: Settings) => functionUrl !== "off";

/**
 * Bytes of all variables of a function, names and values.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (4 KB; read 2026-11).
 */
const longestEnvironment = 4096;

const environmentBytes = (variables: Settings["runtime"]) =>
  Object.entries(variables).reduce((sum, part) => sum + Buffer.byteLength(part.join("")), 0);

/** AWS refuses some; the others would do less, or let in more, than one would think. */
const pairs: readonly ImpossiblePair[] = [
  {
    path: "snapStart",
    holds: ({ snapStart, provisionedConcurrency }) =>
      snapStart && provisionedConcurrency !== undefined,
    message:
      "LAMBDA_SNAPSTART with LAMBDA_PROVISIONED_CONCURRENCY: AWS allows only one of them; unset one",
  },
  {
    path: "provisionedConcurrency",
    holds: ({ provisionedConcurrency = 0, concurrencyLimit = Number.POSITIVE_INFINITY }) =>
      provisionedConcurrency > concurrencyLimit,
    message:
      "LAMBDA_PROVISIONED_CONCURRENCY is above LAMBDA_CONCURRENCY_LIMIT: raise the limit or lower it",
  },
  {
    path: "functionUrl",
    holds: ({ functionUrl, runtime }) => functionUrl === "NONE" && !runtime.BITNET_API_KEY_SHA256,
    message:
      "FUNCTION_URL=NONE opens the function to everyone: set BITNET_API_KEY_SHA256 (printf %s KEY | sha256sum), or use AWS_IAM",
  },
  {
    path: "functionUrlCallers",
    holds: ({ functionUrl, functionUrlCallers }) =>
      functionUrl !== "AWS_IAM" && functionUrlCallers.length > 0,
    message:
      "FUNCTION_URL_CALLERS has no effect without FUNCTION_URL=AWS_IAM: set it or unset them",
  },
  {
    path: "corsOrigins",
    holds: (settings) => !hasUrl(settings) && settings.corsOrigins.length > 0,
    message: "CORS_ORIGINS has no effect without a URL: set FUNCTION_URL or unset it",
  },
  {
    path: "runtime",
    holds: ({ runtime }) => environmentBytes(runtime) > longestEnvironment,
    message: `The function's variables are longer than the ${longestEnvironment} bytes that AWS allows: shorten BITNET_SYSTEM_PROMPT, or send it as a system message`,
  },
  {
    path: "stateRegion",
    holds: ({ stateBucket, stateRegion }) => stateRegion !== undefined && !stateBucket,
    message: "STATE_REGION has no effect without STATE_BUCKET: set it or unset this",
  },
];

/** Every pair of settings that cannot be together. */
export function impossiblePairs(settings: Settings): Problem[] {
  return pairs
    .filter(({ holds }) => holds(settings))
    .map(({ path, message }) => ({ path, message }));
}
