import * as z from "zod";
import { architectures, parseArchitecture } from "../../../model/architecture.ts";
import { type Environment, readVariables } from "../../../runtime/variables.ts";
import { isReason } from "../../cli/command-line.ts";

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
    ARCH: z
      .string()
      .transform((name, context) => {
        try {
          return parseArchitecture(name);
        } catch (error) {
          if (!isReason(error)) throw error;
          context.addIssue(`must be ${architectures.join(" or ")}`);
          return z.NEVER;
        }
      })
      .optional(),
  })
  .refine((settings) => settings.TOKENS_PER_SECOND === undefined || settings.MEMORY !== undefined, {
    path: ["TOKENS_PER_SECOND"],
    message: "needs the memory it was measured with, as MEMORY=3008",
    when: () => true,
  });

/** The settings of `make cost`. */
export type CostSettings = z.output<typeof settingsSchema>;

/**
 * Reads the settings of `make cost`.
 *
 * @throws AppError `config-invalid` that lists every bad setting
 */
export function readCostSettings(environment: Environment): CostSettings {
  return readVariables(settingsSchema, environment);
}
