import fc from "fast-check";
import { parseConfig, toEnvironment } from "../../runtime/config.ts";
import { logLevels } from "../../runtime/logger.ts";
import { resource, synthesized } from "../helpers/stack-config.ts";

/** What a deployer may set, as text. */
const deployed = fc.record(
  {
    BITNET_MODEL_NAME: fc.string({ minLength: 1 }),
    BITNET_THREADS: fc.integer({ min: 1, max: 256 }).map(String),
    BITNET_CONTEXT_TOKENS: fc.integer({ min: 64, max: 4096 }).map(String),
    BITNET_DEADLINE_RESERVE_MS: fc.integer({ min: 0, max: 60_000 }).map(String),
    BITNET_KILL_DELAY_MS: fc.integer({ min: 0, max: 60_000 }).map(String),
    BITNET_LOG_LEVEL: fc.constantFrom(...logLevels),
    BITNET_API_KEY_SHA256: fc.stringMatching(/^[0-9a-f]{64}$/),
  },
  { requiredKeys: [] },
);

const path = fc.string({ minLength: 1 });
const paths = fc.record({ BITNET_LLAMA_CLI: path, BITNET_MODEL: path }, { requiredKeys: [] });

/** The variables of the synthesized function. */
function functionVariables(environment: Record<string, string>): Record<string, string> {
  const { environment: block } = resource(
    synthesized("service", environment),
    "aws_lambda_function",
  );
  return (block as { variables?: Record<string, string> } | undefined)?.variables ?? {};
}

describe("the function's environment", () => {
  it("is read back as the configuration that was written", () => {
    fc.assert(
      fc.property(deployed, paths, (variables, images) => {
        const config = parseConfig({ ...variables, ...images });

        expect(parseConfig(toEnvironment(config))).toEqual(config);
      }),
    );
  });

  it("goes through the stack unchanged", () => {
    fc.assert(
      fc.property(deployed, (variables) => {
        expect(parseConfig(functionVariables(variables))).toEqual(parseConfig(variables));
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ["what is the default", { BITNET_CONTEXT_TOKENS: "4096" }],
    ["threads, which memory decides", { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "3008" }],
  ])("leaves out %s, so that the image's values stay in force", (_name, variables) => {
    expect(toEnvironment(parseConfig(variables))).toEqual({});
    expect(functionVariables({})).toEqual({});
    const threads = { BITNET_THREADS: "2" };
    expect(toEnvironment(parseConfig({ ...variables, ...threads }))).toEqual(threads);
  });
});
