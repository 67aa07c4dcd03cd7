import { resolve } from "node:path";
import { UserError } from "../../model/user-error.ts";
import { fileProblem } from "../cli/require-file.ts";

/** Engines and model of local commands unless the environment names others. */
const defaults = {
  BITNET_LLAMA_CLI: "dist/reference/llama-cli.mjs",
  BITNET_LLAMA_SERVER: "dist/reference/llama-server.mjs",
  BITNET_MODEL: "model/golden/golden.gguf",
} as const;

/** Names of the engine and the model, for messages. */
export interface LocalNames {
  readonly engineName: string;
  /** The engine is the TypeScript one. */
  readonly isReference: boolean;
  readonly modelName: string;
}

/**
 * Completes this process's environment for a local run: the reference engine and the golden model
 * where nothing else is named.
 *
 * @throws UserError when a file cannot be used
 */
export function completeLocalEnvironment(): LocalNames {
  const { BITNET_ENGINE, BITNET_MODEL } = process.env;
  const variable = BITNET_ENGINE === "llama-server" ? "BITNET_LLAMA_SERVER" : "BITNET_LLAMA_CLI";
  const isReference = !process.env[variable];
  const engine = complete(variable, "run");
  const model = complete("BITNET_MODEL", "read");
  return {
    isReference,
    engineName: isReference ? `reference ${BITNET_ENGINE || "llama-cli"} (TypeScript)` : engine,
    modelName: BITNET_MODEL ? model : defaults.BITNET_MODEL,
  };
}

function complete(variable: keyof typeof defaults, use: "run" | "read"): string {
  const path = resolve(process.env[variable] || defaults[variable]);
  const problem = fileProblem(variable, path, use);
  if (problem !== undefined) throw new UserError(problem);
  process.env[variable] = path;
  return path;
}

/** Time that a local invocation has, in milliseconds: Lambda's maximum. */
const invocationMs = 15 * 60 * 1000;

/**
 * The Lambda handler with the engine and the model that the environment names; the reference engine
 * and the golden model by default.
 *
 * @throws UserError when a file cannot be used
 */
export async function loadLocalRuntime() {
  const names = completeLocalEnvironment();
  const { handler } = await import("../../runtime/handler.ts");
  return { ...names, invoke: (event: unknown) => handler(event, localContext()) };
}

/** The context of an invocation on this machine. */
export function localContext() {
  const endsAt = performance.now() + invocationMs;
  return {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  };
}
