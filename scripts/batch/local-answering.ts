import { createApplication } from "../../runtime/application.ts";
import { runBatch } from "../../runtime/batch/run-batch.ts";
import { completeLocalEnvironment } from "../local/local-environment.ts";
import type { Answering } from "./batch-run.ts";

/**
 * Prepares this machine's resident engine: the reference engine and the golden model unless
 * `BITNET_LLAMA_SERVER` and `BITNET_MODEL` name others.
 *
 * @throws UserError when a file cannot be used
 */
export function localBatch(signal: AbortSignal) {
  process.env.BITNET_ENGINE = "llama-server";
  const { engineName, modelName } = completeLocalEnvironment();
  // Failures are in the output.
  const application = createApplication(process.env, { writeLogLine: () => {} });
  const { config, withResidentService, engine } = application;
  const answering: Answering = async (items, onResult) => {
    try {
      await withResidentService((service) =>
        runBatch(
          items.map(({ sent }) => sent),
          {
            service,
            call: service.admit({ ...unhurried(), signal }),
            reserveMs: 0,
            outcomeBytes: Number.POSITIVE_INFINITY,
            now: () => performance.now(),
            onResult,
          },
        ),
      );
    } finally {
      await engine.stop();
    }
  };
  return {
    /** Engine and model, for people. */
    description: `${engineName}, ${modelName}`,
    context: { systemPrompt: config.systemPrompt, modelName: config.modelName },
    answering,
  };
}

/** A call without a deadline. */
function unhurried() {
  return {
    requestId: crypto.randomUUID(),
    // The longest that a timer can wait, 24 days.
    remainingMs: () => 2 ** 31 - 1,
  };
}
