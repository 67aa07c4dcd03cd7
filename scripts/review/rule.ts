import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** How bad a finding is, the worst first. */
export const severities = ["danger", "warning", "note"] as const;
export type Severity = (typeof severities)[number];

/** One thing to look for in a plan. */
export interface Rule {
  /** Its name in reports and in the file of accepted findings. */
  readonly id: string;
  readonly severity: Severity;
  /** What it finds: "opens a URL to everyone". */
  readonly title: string;
  /** What it found in a change, in words; nothing when all is well. */
  readonly find: (change: ResourceChange, plan: TerraformPlan) => readonly string[];
}

/** Whether the resource is there after the apply and this plan has a hand in it. */
export function isMadeOrChanged({ kind }: ResourceChange): boolean {
  return kind === "create" || kind === "update" || kind === "replace";
}

/** Whether what the resource holds is gone after the apply. */
export function isDestroyed({ kind }: ResourceChange): boolean {
  return kind === "delete" || kind === "replace";
}
