import * as z from "zod";
import {
  type Architecture,
  architectures,
  parseArchitecture,
} from "../../../model/architecture.ts";
import { UserError } from "../../../model/user-error.ts";
import { isReason } from "../../cli/command-error.ts";

const mostTokens = 4096;

const number = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "must be a number, without commas or a unit")
    .transform(Number)
    .pipe(z.number().min(minimum, `at least ${minimum}`).max(maximum, `at most ${maximum}`));

const whole = (minimum: number, maximum: number) =>
  number(minimum, maximum).refine(Number.isInteger, "must be a whole number");

const yes = z.literal("1", "must be 1, or not set").transform(() => true);

/** What the user can set for `make cost`. An empty variable counts as not set. */
const settingsSchema = z.object({
  /** Tokens a second that were measured with MEMORY; default: the published speeds. */
  TOKENS_PER_SECOND: number(0.001, 100_000).optional(),
  /** The same for reading the prompt; default: as much faster as the published speeds are. */
  PROMPT_TOKENS_PER_SECOND: number(0.001, 1_000_000).optional(),
  /** Function memory in MB that TOKENS_PER_SECOND was measured with, and that is compared. */
  MEMORY: whole(128, 10_240).optional(),
  /** Take the measured speed to the other sizes, along the published speeds by vCPUs. */
  SCALE: yes.optional(),
  /** CSV of `make benchmark-remote`: all speeds and times are taken from it. */
  MEASURED: z.string().optional(),
  /** One architecture instead of both; that of TOKENS_PER_SECOND, which is x86_64 when not set. */
  ARCH: z.string().transform(architectureOrProblem).optional(),
  /** Tokens of a prompt. */
  PROMPT_TOKENS: whole(0, mostTokens).default(100),
  /** Tokens of an answer. */
  ANSWER_TOKENS: whole(1, mostTokens).default(100),
  /** Milliseconds that llama-cli takes to load the model, for each request. */
  LOAD_MS: number(0, 900_000).default(600),
  /** Share of requests that meet no warm environment, 0 to 1. */
  COLD_SHARE: number(0, 1).default(0.05),
  /** Milliseconds that a cold start adds to what is billed. */
  COLD_MS: number(0, 900_000).default(10_000),
  /** The same for a start from a SnapStart snapshot. */
  RESTORE_MS: number(0, 900_000).default(0),
  /** Requests a day, for what costs something in any case. */
  REQUESTS_PER_DAY: whole(1, 1_000_000_000).default(1000),
  /** Environments that provisioned concurrency keeps. */
  PROVISIONED: whole(1, 10_000).default(1),
  /** Folder for the page and the charts; default: `docs` when nothing else is set, else none. */
  OUT: z.string().optional(),
});

/** The parsed {@link settingsSchema}. */
export interface CostSettings extends z.infer<typeof settingsSchema> {
  /** What was set, by name, in the words of the user. */
  readonly given: Readonly<Record<string, string>>;
}

/** @throws UserError that lists every bad setting, and every pair of which one has no effect */
export function parseCostSettings(
  environment: Readonly<Record<string, string | undefined>>,
): CostSettings {
  const given = givenSettings(environment);
  const result = settingsSchema.safeParse(given);
  const bad = result.error?.issues.map(
    ({ path: [name], message }) => `${String(name)}=${given[String(name)]}: ${message}`,
  );
  const problems = [...(bad ?? []), ...impossiblePairs(given)];
  if (result.success && problems.length === 0) return { ...result.data, given };
  throw new UserError(problems.join("\n"));
}

function givenSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(settingsSchema.shape).flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** What is wrong with settings beside each other. */
const pairs: readonly {
  readonly isWrong: (
    has: (name: string) => boolean,
    given: Readonly<Record<string, string>>,
  ) => boolean;
  readonly message: string;
}[] = [
  {
    isWrong: (has) => has("TOKENS_PER_SECOND") && !has("MEMORY"),
    message: "TOKENS_PER_SECOND: name the memory it was measured with too, as MEMORY=3008",
  },
  {
    isWrong: (has) => has("TOKENS_PER_SECOND") && has("MEASURED"),
    message: "TOKENS_PER_SECOND and MEASURED: only one of them can say how fast it is",
  },
  {
    isWrong: (has) => has("PROMPT_TOKENS_PER_SECOND") && !has("TOKENS_PER_SECOND"),
    message: "PROMPT_TOKENS_PER_SECOND: has an effect together with TOKENS_PER_SECOND only",
  },
  {
    isWrong: (has) => has("SCALE") && !has("TOKENS_PER_SECOND"),
    message: "SCALE: has an effect together with TOKENS_PER_SECOND only",
  },
  {
    isWrong: (has) => has("MEASURED") && has("PROMPT_TOKENS"),
    message: "PROMPT_TOKENS: has no effect with MEASURED, whose times hold the benchmark's prompts",
  },
  {
    isWrong: (has) => has("MEASURED") && has("LOAD_MS"),
    message: "LOAD_MS: has no effect with MEASURED, whose times hold the loading",
  },
  {
    isWrong: (_has, given) =>
      Number(given.PROMPT_TOKENS ?? 100) + Number(given.ANSWER_TOKENS ?? 100) > mostTokens,
    message: `PROMPT_TOKENS and ANSWER_TOKENS: together at most ${mostTokens}, the model's context`,
  },
];

function impossiblePairs(given: Readonly<Record<string, string>>): string[] {
  const has = (name: string) => given[name] !== undefined;
  return pairs.flatMap(({ isWrong, message }) => (isWrong(has, given) ? [message] : []));
}

function architectureOrProblem(name: string, context: z.RefinementCtx): Architecture {
  try {
    return parseArchitecture(name);
  } catch (error) {
    if (!isReason(error)) throw error;
    context.addIssue(`must be ${architectures.join(" or ")}`);
    return z.NEVER;
  }
}
