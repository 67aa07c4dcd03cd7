import * as z from "zod";
import { UserError } from "../../model/user-error.ts";

/** The longest that a finding can be accepted for: none is accepted forever. */
const maximumMs = 366 * 24 * 60 * 60 * 1000;

const acceptedSchema = (rules: readonly string[], latest: string) =>
  z.array(
    z.strictObject({
      rule: z.string().refine((rule) => rules.includes(rule), `must be one of ${rules.join(", ")}`),
      stack: z.string().min(1),
      address: z.string().min(1),
      reason: z.string().trim().min(10, "a reason must have at least 10 characters"),
      expires: z.iso
        .date("must be a date such as 2027-01-31")
        .refine((day) => day <= latest, `must be at most a year ahead, ${latest}`),
    }),
  );

/** A finding that is accepted, the reason, and the last day (`2027-01-31`). */
export type AcceptedFinding = Readonly<z.output<ReturnType<typeof acceptedSchema>>[number]>;

/**
 * Parses `stacks/accepted-findings.json`.
 *
 * @param path for messages
 * @param today as `2026-11-23`
 * @param rules the ids of all rules
 * @throws UserError that lists every error in the file
 */
export function parseAcceptedFindings(
  text: string,
  { path, today, rules }: { path: string; today: string; rules: readonly string[] },
): readonly AcceptedFinding[] {
  const latest = new Date(Date.parse(today) + maximumMs).toISOString().slice(0, 10);
  const result = acceptedSchema(rules, latest).safeParse(jsonOf(text, path));
  if (result.success) return result.data;
  throw new UserError(`${path}:\n${z.prettifyError(result.error)}`);
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is not JSON.`, { cause: error });
  }
}
