import { createApplication } from "./application.ts";
import { readIntoPageCache } from "./engine/page-cache.ts";
import type { AwsLambda } from "./http/lambda-response.ts";
import { initialize } from "./initialization.ts";
import { createLambdaHandler } from "./lambda-handler.ts";

// The composition root on Lambda: the only place, with the local server, that reads the environment.
const application = createApplication(process.env);
const { awslambda } = globalThis as { awslambda?: AwsLambda };

/** The Lambda handler; the container's CMD names it. */
export const handler = createLambdaHandler({ ...application, awslambda });

if (application.config.memoryMiB !== undefined) {
  await initialize({ ...application, readIntoPageCache });
}
