import * as z from "zod";
import { UserError } from "../../../model/user-error.ts";
import { engineNames } from "../../../runtime/config.ts";
import { numberBounds } from "../../../runtime/request/request.ts";
import { settingsSchema } from "../../../stacks/settings-schema.ts";

/** Samples with which a percentile means something, and below which only `QUICK=1` goes. */
export const enoughSamples = 20;

/** Defaults; the quick ones are there to see that it works. */
const defaultSamples = { whole: { warm: 20, cold: 5 }, quick: { warm: 5, cold: 1 } } as const;
const mostSamples = 1000;

const yes = z.literal("1", "must be 1, or not set").transform(() => true);

const items = z.string().transform((text) => text.split(",").map((item) => item.trim()));

/** A list by commas, each item once. */
const list = <Item>(item: z.ZodType<Item, string>) =>
  items
    .pipe(z.array(item))
    .refine((values) => new Set(values).size === values.length, "each may be named once");

const number = (schema: z.ZodType<number, number>) =>
  z
    .string()
    .transform((text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN))
    .pipe(schema);

const { minimum, maximum } = numberBounds.n_predict;
const whole = (least: number, most: number) =>
  z.int("must be a whole number").min(least, `at least ${least}`).max(most, `at most ${most}`);

/** What the user can set. An empty variable counts as not set. */
const settingsOfBenchmark = z.object({
  /** Memory sizes in MB. The default: one whole vCPU, and almost all a new AWS account may have. */
  MEMORY_SIZES: list(number(settingsSchema.shape.memoryMiB)).default([1769, 3008]),
  /** Tokens to ask for; an answer may end before. */
  TOKENS: list(number(whole(minimum, maximum))).default([10, 50, 100]),
  ENGINES: list(z.enum(engineNames, `each must be one of ${engineNames.join(", ")}`)).default([
    ...engineNames,
  ]),
  /** Warm invocations for each memory size, engine and number of tokens. */
  WARM_SAMPLES: number(whole(1, mostSamples)).optional(),
  /** Cold starts for each memory size, engine and number of tokens. */
  COLD_SAMPLES: number(whole(1, mostSamples)).optional(),
  /** Fewer samples than tell anything; the report says so. */
  QUICK: yes.default(false),
  /** USD that must not be passed. */
  BUDGET_USD: number(z.number("must be a number").positive("must be above 0")).default(5),
  /** Do not ask. */
  YES: yes.default(false),
  /** Print plan and estimate, and end. */
  DRY_RUN: yes.default(false),
  /** Folder of the report. */
  OUT: z.string().default("docs"),
  /** The function's name; default: what Terraform's state tells. */
  FUNCTION: z
    .string()
    .regex(/^[\w-]{1,64}$/, "must be a function's name, without account, region and version")
    .optional(),
  ENDPOINT: z
    .never(
      "`make local` has neither versions nor memory sizes to measure: unset it, or `make bench` for this machine",
    )
    .optional(),
});

/** The parsed settings. */
export interface BenchmarkSettings {
  readonly memoryMiB: readonly number[];
  readonly tokens: readonly number[];
  readonly engines: readonly (typeof engineNames)[number][];
  readonly warmSamples: number;
  readonly coldSamples: number;
  readonly isQuick: boolean;
  readonly budgetUsd: number;
  readonly isAgreed: boolean;
  readonly isDryRun: boolean;
  readonly outputFolder: string;
  readonly functionName: string | undefined;
}

/**
 * The settings of `make benchmark-remote`.
 *
 * @throws UserError that lists every bad setting
 */
export function parseBenchmarkSettings(
  environment: Readonly<Record<string, string | undefined>>,
): BenchmarkSettings {
  const given = Object.entries(environment).filter(([, value]) => value);
  const result = settingsOfBenchmark.safeParse(Object.fromEntries(given));
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => problemOf(issue, environment)),
    ...fewSamples(environment),
  ];
  if (result.data === undefined || problems.length > 0) throw badSettings(problems);
  const { data } = result;
  const samples = data.QUICK ? defaultSamples.quick : defaultSamples.whole;
  return {
    // The largest first: where an account may not have it, that is told before anything is spent.
    memoryMiB: data.MEMORY_SIZES.toSorted((a, b) => b - a),
    tokens: data.TOKENS.toSorted((a, b) => a - b),
    engines: data.ENGINES,
    warmSamples: data.WARM_SAMPLES ?? samples.warm,
    coldSamples: data.COLD_SAMPLES ?? samples.cold,
    isQuick: data.QUICK,
    budgetUsd: data.BUDGET_USD,
    isAgreed: data.YES,
    isDryRun: data.DRY_RUN,
    outputFolder: data.OUT,
    functionName: data.FUNCTION,
  };
}

/** `MEMORY_SIZES=1,3008: 1: at least 1536 …`; an item of a list is named before its problem. */
function problemOf(
  { path: [name, index], message }: z.core.$ZodIssue,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const sent = environment[String(name)] ?? "";
  const item = typeof index === "number" ? `\`${sent.split(",")[index]?.trim()}\`: ` : "";
  return `${String(name)}=${sent}: ${item}${message}`;
}

function fewSamples({
  QUICK,
  WARM_SAMPLES,
}: Readonly<Record<string, string | undefined>>): string[] {
  if (QUICK || !WARM_SAMPLES || !(Number(WARM_SAMPLES) < enoughSamples)) return [];
  return [
    `WARM_SAMPLES=${WARM_SAMPLES}: at least ${enoughSamples}, or no percentile of them means anything; QUICK=1 allows fewer, and the report says so`,
  ];
}

function badSettings(problems: readonly string[]): UserError {
  const lines = problems.map((problem) => `  ${problem}`);
  return new UserError(["nothing was measured:", ...lines].join("\n"));
}
