import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DirectResponse } from "../../../runtime/direct/response.ts";
import { withVariables } from "./with-variables.ts";

/** The bundle that Lambda runs. */
export const handlerBundle = "dist/handler/handler.mjs";

/** The function, in this process. */
export type BundledHandler = (event: unknown) => Promise<DirectResponse>;

/** As long as Lambda allows at most. */
const invocationMs = 15 * 60 * 1000;

let copies = 0;

/**
 * Loads a copy of the deployed bundle of its own, with these variables on top of the process's: so
 * that two configurations can be measured in turn.
 */
export async function loadHandler(
  variables: Readonly<Record<string, string>>,
): Promise<BundledHandler> {
  const url = `${pathToFileURL(resolve(handlerBundle)).href}?copy=${copies++}`;
  const { handler } = await withVariables(
    { BITNET_LOG_LEVEL: "error", ...variables },
    () => import(url),
  );
  return (event) => {
    const endsAt = performance.now() + invocationMs;
    return handler(event, {
      awsRequestId: "benchmark",
      getRemainingTimeInMillis: () => endsAt - performance.now(),
    });
  };
}
