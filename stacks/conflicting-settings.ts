import type { Problem } from "../runtime/errors.ts";
import type { Settings } from "./settings-schema.ts";

/** Settings that are each allowed but not together. */
interface Conflict {
  /** The setting that the message is about. */
  readonly path: keyof Settings;
  readonly exists: (settings: Settings) => boolean;
  readonly message: string;
}

/**
 * Maximum size of a function's environment variables, names and values, in bytes.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (4 KB; read 2026-11).
 */
const maximumEnvironmentBytes = 4096;

const environmentBytes = (variables: Settings["runtime"]) =>
  Buffer.byteLength(Object.entries(variables).flat().join(""));

/** Combinations that AWS refuses, that have no effect, or that open more than intended. */
const conflicts: readonly Conflict[] = [
  {
    path: "snapStart",
    exists: ({ snapStart, provisionedConcurrency }) =>
      snapStart && provisionedConcurrency !== undefined,
    message:
      "LAMBDA_SNAPSTART with LAMBDA_PROVISIONED_CONCURRENCY: AWS allows only one of them; unset one",
  },
  {
    path: "provisionedConcurrency",
    exists: ({ provisionedConcurrency = 0, concurrencyLimit = Number.POSITIVE_INFINITY }) =>
      provisionedConcurrency > concurrencyLimit,
    message:
      "LAMBDA_PROVISIONED_CONCURRENCY is above LAMBDA_CONCURRENCY_LIMIT: raise the limit or lower it",
  },
  {
    path: "functionUrl",
    exists: ({ functionUrl, runtime }) => functionUrl === "NONE" && !runtime.BITNET_API_KEY_SHA256,
    message:
      "FUNCTION_URL=NONE opens the function to everyone: set BITNET_API_KEY_SHA256 (printf %s KEY | sha256sum), or use AWS_IAM",
  },
  {
    path: "functionUrlCallers",
    exists: ({ functionUrl, functionUrlCallers }) =>
      functionUrl !== "AWS_IAM" && functionUrlCallers.length > 0,
    message:
      "FUNCTION_URL_CALLERS has no effect without FUNCTION_URL=AWS_IAM: set it or unset them",
  },
  {
    path: "corsOrigins",
    exists: ({ functionUrl, corsOrigins }) => functionUrl === "off" && corsOrigins.length > 0,
    message: "CORS_ORIGINS has no effect without a URL: set FUNCTION_URL or unset it",
  },
  {
    path: "runtime",
    exists: ({ runtime }) => environmentBytes(runtime) > maximumEnvironmentBytes,
    message: `The function's variables are longer than the ${maximumEnvironmentBytes} bytes that AWS allows: shorten BITNET_SYSTEM_PROMPT, or send it as a system message`,
  },
  {
    path: "stateRegion",
    exists: ({ stateBucket, stateRegion }) => stateRegion !== undefined && !stateBucket,
    message: "STATE_REGION has no effect without STATE_BUCKET: set it or unset this",
  },
];

/** Every conflict between settings. */
export function conflictingSettings(settings: Settings): Problem[] {
  return conflicts
    .filter(({ exists }) => exists(settings))
    .map(({ path, message }) => ({ path, message }));
}
