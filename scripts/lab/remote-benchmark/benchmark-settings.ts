import * as z from "zod";
import { engineNames } from "../../../runtime/engine/engines.ts";
import { samplingParameters } from "../../../runtime/request/sampling-parameters.ts";
import { type Environment, readVariables } from "../../../runtime/variables.ts";
import { settingsSchema } from "../../../stacks/settings-schema.ts";

/** Smallest number of samples for which the report shows a 95th percentile. */
export const enoughSamples = 20;

const largestSamples = 1000;

const flag = z
  .literal("1", "must be 1, or not set")
  .transform(() => true)
  .default(false);

/** An empty item of a list is not 0. */
const number = <Schema extends z.ZodType<number, number>>(schema: Schema) =>
  z
    .string()
    .transform((text) => (text === "" ? Number.NaN : Number(text)))
    .pipe(schema);

const whole = (least: number, most: number) =>
  z.int("must be a whole number").min(least, `at least ${least}`).max(most, `at most ${most}`);

/** A comma-separated list without repetitions. */
const list = <Item>(item: z.ZodType<Item, string>) =>
  z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item))
    .refine((values) => new Set(values).size === values.length, "each may be named once");

const { minimum: fewestTokens, maximum: mostTokens } = samplingParameters.n_predict;
const engine = z.enum(engineNames, `each must be one of ${engineNames.join(", ")}`);
const ownEnvironment = z
  .never("unset it: the benchmark deploys and measures an environment of its own")
  .optional();

const variables = z
  .object({
    /** In MB. The default: one vCPU, and nearly the most that a new account may have. */
    MEMORY_SIZES: list(number(settingsSchema.shape.memoryMiB)).default([1769, 3008]),
    /** Tokens to request; an answer may end earlier. */
    TOKENS: list(number(whole(fewestTokens, mostTokens))).default([10, 50, 100]),
    ENGINES: list(engine).default([...engineNames]),
    /** Calls for each memory size, engine and number of tokens. */
    WARM_SAMPLES: number(whole(1, largestSamples)).optional(),
    COLD_SAMPLES: number(whole(1, largestSamples)).optional(),
    /** Allows fewer samples than the percentiles need; the report says so. */
    QUICK: flag,
    /** USD for invocations; no call is made that could exceed it. */
    BUDGET_USD: number(z.number("must be a number").positive("must be above 0")).default(5),
    /** Do not ask before spending. */
    YES: flag,
    /** Print the plan and the estimate, then end. */
    DRY_RUN: flag,
    /** Folder of the report. */
    OUT: z.string().default("docs"),
    /** Also write every sample, as JSON lines. */
    RAW: flag,
    FUNCTION: ownEnvironment,
    ENDPOINT: ownEnvironment,
  })
  .refine(({ QUICK, WARM_SAMPLES = enoughSamples }) => QUICK || WARM_SAMPLES >= enoughSamples, {
    path: ["WARM_SAMPLES"],
    message: `at least ${enoughSamples}, which the percentiles need; QUICK=1 allows fewer, and the report says so`,
  });

/** The parsed settings, by the names of their variables. */
export type BenchmarkSettings = Readonly<ReturnType<typeof parseBenchmarkSettings>>;

/** The settings of `make benchmark-remote`. @throws AppError `config-invalid` that lists every bad one */
export function parseBenchmarkSettings(environment: Environment) {
  const { QUICK, ...values } = readVariables(variables, environment);
  const [warm, cold] = QUICK ? [5, 1] : [20, 5];
  return {
    ...values,
    QUICK,
    // Largest first: a size that the account may not have fails before anything is spent.
    MEMORY_SIZES: values.MEMORY_SIZES.toSorted((a, b) => b - a),
    TOKENS: values.TOKENS.toSorted((a, b) => a - b),
    WARM_SAMPLES: values.WARM_SAMPLES ?? warm,
    COLD_SAMPLES: values.COLD_SAMPLES ?? cold,
  };
}
