import * as z from "zod";

/** What `npm audit --json` came to. */
export type AuditVerdict =
  | { readonly kind: "clean" }
  | { readonly kind: "vulnerable"; readonly packages: readonly string[] }
  /** The registry has no list of vulnerabilities, or none that answered. */
  | { readonly kind: "not-asked"; readonly reason: string };

const severities = ["info", "low", "moderate", "high", "critical"] as const;
const answerSchema = z.object({
  auditReportVersion: z.number(),
  vulnerabilities: z.record(z.string(), z.object({ severity: z.enum(severities) })),
});
const failureSchema = z.object({
  message: z.string().nullish(),
  error: z.object({ code: z.string().nullish(), summary: z.string().nullish() }).nullish(),
});

/** Severities that count; lower ones are Dependabot's to tell. */
const counted: readonly string[] = ["high", "critical"];

/** Reads the output of `npm audit --json`. */
export function auditVerdict(output: string): AuditVerdict {
  const value = jsonOf(output);
  const answer = answerSchema.safeParse(value);
  if (!answer.success) return { kind: "not-asked", reason: reasonOf(value) };
  const packages = Object.entries(answer.data.vulnerabilities)
    .filter(([, { severity }]) => counted.includes(severity))
    .map(([name, { severity }]) => `${name} (${severity})`);
  return packages.length === 0 ? { kind: "clean" } : { kind: "vulnerable", packages };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without the address that npm puts behind: it says nothing to whoever reads. */
function reasonOf(value: unknown): string {
  const failure = failureSchema.safeParse(value);
  const { message, error } = failure.data ?? {};
  const reason = error?.summary || message || error?.code || "npm audit gave no answer";
  return reason.replace(/ - [A-Z]+ https?:.*$/, "");
}
