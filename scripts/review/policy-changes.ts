import { hasMasked, pathText, valueAt } from "./attribute-value.ts";
import { type Grant, grantsOfPolicy, newGrants, policyPlaces } from "./grants.ts";
import type { ResourceChange } from "./terraform-plan.ts";

/** What a policy allows after the plan and did not before, and the other way round. */
export interface PolicyChange {
  /** The attribute that holds it. */
  readonly path: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** The rights that a change gives and takes, by policy; none where only the apply will tell. */
export function policyChanges({ type, before, after, unknown }: ResourceChange): PolicyChange[] {
  return (policyPlaces[type] ?? [])
    .filter(({ path }) => !hasMasked(unknown, path))
    .map(({ path }) => {
      const [old, next] = [before, after].map((side) => grantsOfPolicy(valueAt(side, path)));
      return {
        path: pathText(path),
        gained: newGrants(next ?? [], old ?? []).map(grantText),
        lost: newGrants(old ?? [], next ?? []).map(grantText),
      };
    })
    .filter(({ gained, lost }) => gained.length + lost.length > 0);
}

/** `lambda.amazonaws.com: ecr:BatchGetImage on …, on a condition` */
function grantText({ principal, action, resource, condition }: Grant): string {
  return [
    principal === "" ? "" : `${principal}: `,
    action,
    resource === "" ? "" : ` on ${resource}`,
    condition === "" ? "" : ", on a condition",
  ].join("");
}
