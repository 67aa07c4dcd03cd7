import { createApplication, initialize } from "./application.ts";
import { type AwsLambda, lambdaHandler } from "./http/lambda-handler.ts";

// The composition root on Lambda. Only this one and the local server read the environment.
const application = createApplication(process.env);
const { awslambda } = globalThis as { awslambda?: AwsLambda };

/** The Lambda handler; the container's CMD names it. */
export const handler = lambdaHandler({
  ...application,
  invokeDirectly: application.invoke,
  awslambda,
});

if (application.config.memoryMiB !== undefined) {
  await initialize(application.config, application.engine);
}
