import { LambdaClient } from "@aws-sdk/client-lambda";

/** The function that the benchmark deploys. */
export const functionName = "bitnet-lambda-bench-function";

/** A small plan: 4 setups, 8 versions, 16 warm and 8 cold calls. */
export const smallPlan = {
  QUICK: "1",
  YES: "1",
  MEMORY_SIZES: "1769,3008",
  TOKENS: "10,50",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "1",
} as const;

/** One setup and one number of tokens: two versions of a cold and a warm call each. */
export const tinyPlan = {
  QUICK: "1",
  YES: "1",
  MEMORY_SIZES: "1769",
  ENGINES: "llama-cli",
  TOKENS: "10",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "2",
} as const;

/** A client of the emulator that does not retry. */
export function emulatorClient(url: string): LambdaClient {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  return new LambdaClient({
    region: "us-east-1",
    endpoint: url,
    credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    maxAttempts: 1,
  });
}
