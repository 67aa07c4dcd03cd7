import type * as z from "zod";
import {
  type Config,
  deployableVariables,
  environmentSchema,
  parseConfig,
} from "../runtime/config.ts";
import { AppError, type Problem } from "../runtime/errors.ts";
import { type Environment, misspeltVariables, nearestName } from "../runtime/variables.ts";
import { conflictingSettings } from "./conflicting-settings.ts";
import { readSettings } from "./setting-variables.ts";
import {
  environmentVariables,
  type Settings,
  type StackConfig,
  settingsSchema,
} from "./settings-schema.ts";

/**
 * The settings, overridden by the environment, as one frozen configuration. An empty variable is
 * not set.
 *
 * @throws AppError `config-invalid` that lists every bad value, misspelt variable and conflict
 * @example parseStackConfig(settings, process.env).memoryMiB
 */
export function parseStackConfig(settings: Settings, environment: Environment): StackConfig {
  const merged: Settings = {
    ...settings,
    ...readSettings(environmentVariables, environment),
    runtime: { ...settings.runtime, ...runtimeVariables(environment) },
  };
  const result = settingsSchema.safeParse(merged, { reportInput: true });
  const runtime = parseRuntime(merged.runtime);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problemOf(issue, environment)),
    ...runtime.problems,
    ...conflictingSettings(merged),
    ...typingErrors(environment),
  ];
  if (!result.success || runtime.config === undefined || problems.length > 0) {
    throw configInvalid(problems);
  }
  return Object.freeze({ ...result.data, runtime: runtime.config });
}

function runtimeVariables(environment: Environment): Settings["runtime"] {
  const entries = deployableVariables.map((name) => [name, environment[name]]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

function parseRuntime(variables: Settings["runtime"]): {
  config?: Config;
  problems: readonly Problem[];
} {
  try {
    return { config: parseConfig(variables), problems: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problems: error.details.problems ?? [] };
  }
}

/** `LAMBDA_MEMORY_SIZE=12000: at most 10240`, or the field's name where the file holds the value. */
function problemOf(issue: z.core.$ZodIssue, environment: Environment): Problem {
  const [field = "", ...rest] = issue.path.map(String);
  const variable = environmentVariables.get(field)?.variable ?? "";
  const sent = environment[variable];
  if (sent) return { path: variable, message: `${variable}=${sent}: ${issue.message}` };
  const path = [field, ...rest].join(".");
  const input = issue.input === undefined ? "" : ` = ${JSON.stringify(issue.input)}`;
  return { path, message: `stacks/settings.ts: ${path}${input}: ${issue.message}` };
}

/** All variables that this project reads. */
const knownNames = [
  ...[...environmentVariables.values()].map(({ variable }) => variable),
  ...Object.keys(environmentSchema.shape),
];

/** The first words of their names, `AWS_` excepted: it belongs to AWS's own tools. */
const prefixes = [...new Set(knownNames.map((name) => name.replace(/_.*/, "_")))].filter(
  (prefix) => prefix.endsWith("_") && prefix !== "AWS_",
);

/**
 * Variables such as `LAMBDA_MEMROY_SIZE`. One that resembles none of ours, such as
 * `LAMBDA_TASK_ROOT` or `LOG_LEVEL`, belongs to another program, unless it starts with `BITNET_`.
 */
function typingErrors(environment: Environment): Problem[] {
  return misspeltVariables(environment, knownNames, prefixes).filter(
    ({ path }) => path.startsWith("BITNET_") || nearestName(path, knownNames) !== undefined,
  );
}

function configInvalid(problems: readonly Problem[]): AppError {
  const lines = problems.map(({ message }) => `\n  ${message}`).join("");
  const message = `the configuration cannot be deployed:${lines}`;
  return new AppError("config-invalid", message, { problems });
}
