import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** Severities of findings, the worst first. */
export const severities = ["danger", "warning", "note"] as const;
export type Severity = (typeof severities)[number];

/** A rule of the review. */
export interface Rule {
  /** Its name in reviews and in `stacks/accepted-findings.json`. */
  readonly id: string;
  readonly severity: Severity;
  /** What it finds: "a public URL". */
  readonly title: string;
  /** A message for each finding in a change. */
  readonly find: (change: ResourceChange, plan: TerraformPlan) => readonly string[];
}

/** Whether the plan creates or changes the resource. */
export function isMadeOrChanged({ kind }: ResourceChange): boolean {
  return kind === "create" || kind === "update" || kind === "replace";
}
