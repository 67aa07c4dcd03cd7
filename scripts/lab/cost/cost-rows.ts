import * as z from "zod";
import { architectures, parseArchitecture } from "../../../model/architecture.ts";
import { type Environment, readVariables } from "../../../runtime/variables.ts";
import type { Sizing } from "../../../stacks/lambda-prices.ts";
import { publishedSpeed, usdPerMillionTokens } from "../../review/token-cost.ts";

const number = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "must be a number, without commas or a unit")
    .transform(Number)
    .pipe(z.number().min(minimum, `at least ${minimum}`).max(maximum, `at most ${maximum}`));

const settingsSchema = z
  .object({
    /** Decoding speed in tokens per second, measured with MEMORY; default: the known speeds. */
    TOKENS_PER_SECOND: number(0.001, 100_000).optional(),
    /** One function memory size in MB; default: all. */
    MEMORY: number(128, 10_240).refine(Number.isInteger, "must be a whole number").optional(),
    /** One architecture; default: both, or x86_64 with TOKENS_PER_SECOND. */
    ARCH: z.string().transform(parseArchitecture).optional(),
  })
  .refine((settings) => settings.TOKENS_PER_SECOND === undefined || settings.MEMORY !== undefined, {
    path: ["TOKENS_PER_SECOND"],
    message: "needs the memory it was measured with, as MEMORY=3008",
    when: () => true,
  });

type CostSettings = z.output<typeof settingsSchema>;

/** The settings of `make cost`. @throws AppError `config-invalid` or UserError for bad settings */
export function readCostSettings(environment: Environment): CostSettings {
  return readVariables(settingsSchema, environment);
}

/** A function size with known speeds, and the price of a million tokens. */
export interface CostRow extends Sizing {
  /** Where the speeds come from. */
  readonly speeds: "measured" | "published" | "given";
  /** Tokens per second, reading the prompt; `undefined`: not known. */
  readonly prompt?: number;
  /** Tokens per second, generating the answer. */
  readonly decode: number;
}

/**
 * Speeds of a compiled x86_64 engine on two cores of an AMD EPYC, with a model of the 2B
 * model's shape and random weights, Q6_K embedding. A CPU quota of memory / 1,769 MB stands for
 * Lambda's share; threads as the runtime sets them. One run of two repetitions, 2026-11-26.
 */
const measuredSpeeds = [
  { memoryMiB: 1024, prompt: 30, decode: 12.9 },
  { memoryMiB: 1504, prompt: 45, decode: 19.4 },
  { memoryMiB: 1769, prompt: 53, decode: 23.4 },
  { memoryMiB: 2048, prompt: 53, decode: 23.1 },
  { memoryMiB: 3008, prompt: 80, decode: 29.3 },
  { memoryMiB: 3538, prompt: 93, decode: 34.9 },
] as const;

/** The least and the most that can be deployed, whole vCPUs, and common sizes. */
const usualSizesMiB = [1024, 1769, 2048, 3008, 3538, 5307, 7076, 8845, 10_240] as const;

/** One row for each size and architecture that the settings ask for; measured speeds first. */
export function costRows({ TOKENS_PER_SECOND, MEMORY, ARCH }: CostSettings): CostRow[] {
  if (TOKENS_PER_SECOND !== undefined && MEMORY !== undefined) {
    const architecture = ARCH ?? "x86_64";
    return [{ architecture, memoryMiB: MEMORY, speeds: "given", decode: TOKENS_PER_SECOND }];
  }
  const sizes = MEMORY === undefined ? usualSizesMiB : [MEMORY];
  const measured = measuredSpeeds.map((speed): CostRow => {
    return { architecture: "x86_64", speeds: "measured", ...speed };
  });
  const published = architectures.flatMap((architecture) =>
    sizes.map((memoryMiB): CostRow => {
      const speed = publishedSpeed({ architecture, memoryMiB });
      return { architecture, memoryMiB, speeds: "published", ...speed };
    }),
  );
  return [...measured, ...published].filter(
    ({ architecture, memoryMiB }) =>
      (ARCH === undefined || architecture === ARCH) &&
      (MEMORY === undefined || memoryMiB === MEMORY),
  );
}

/** USD for a million prompt tokens; `undefined` where that speed is not known. */
export function usdPerMillionIn({ prompt, ...size }: CostRow): number | undefined {
  return prompt === undefined
    ? undefined
    : usdPerMillionTokens({ ...size, tokensPerSecond: prompt });
}

/** USD for a million generated tokens, without the reading of prompts. */
export function usdPerMillionOut(row: CostRow): number {
  return usdPerMillionTokens({ ...row, tokensPerSecond: row.decode });
}
