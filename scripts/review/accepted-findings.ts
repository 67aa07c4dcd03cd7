import * as z from "zod";
import { UserError } from "../../model/user-error.ts";

/** Days ahead that a finding can be accepted for at most: nothing is accepted for good. */
const longestDays = 366;

const acceptedSchema = z.array(
  z.strictObject({
    rule: z.string().min(1),
    stack: z.string().min(1),
    address: z.string().min(1),
    reason: z.string().trim().min(10, "a reason takes at least 10 characters"),
    expires: z.iso.date("a date such as 2027-01-31"),
  }),
);

/** A finding that somebody takes on, why, and until which day (`2027-01-31`, that day included). */
export type AcceptedFinding = Readonly<z.output<typeof acceptedSchema>[number]>;

/**
 * The file of accepted findings.
 *
 * @param today as `2026-11-23`
 * @param rules the names that a rule may have
 * @throws UserError that lists all that is wrong with it
 */
export function parseAcceptedFindings(
  text: string,
  { path, today, rules }: { path: string; today: string; rules: readonly string[] },
): readonly AcceptedFinding[] {
  const result = acceptedSchema.safeParse(jsonOf(text, path));
  if (!result.success) throw new UserError(`${path}:\n${z.prettifyError(result.error)}`);
  const latest = dayAfter(today, longestDays);
  const problems = result.data.flatMap(({ rule, expires }, index) => [
    ...(rules.includes(rule) ? [] : [`[${index}].rule: ${rule} is none of ${rules.join(", ")}`]),
    ...(expires <= latest ? [] : [`[${index}].expires: at most a year ahead, ${latest}`]),
  ]);
  if (problems.length > 0) throw new UserError(`${path}:\n${problems.join("\n")}`);
  return result.data;
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is not JSON.`, { cause: error });
  }
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
