import { fillUnknownPolicies } from "../../../../scripts/review/fill-unknown-policies.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange, planOf } from "../../../helpers/plan-change.ts";

const reference = "$" + "{aws_cloudwatch_log_group.example.arn}";

/** The first of these changes, with the policy of a synthesized stack. */
function filled(policy: string, ...changes: ResourceChange[]) {
  const resource = { aws_iam_policy: { example: { policy, description: "synthesized" } } };
  const [first] = fillUnknownPolicies(planOf(changes), JSON.stringify({ resource })).resources;
  return first && { after: first.after, unknown: first.unknown };
}

describe("fillUnknownPolicies", () => {
  it("inserts a policy that the plan does not contain, and nothing else", () => {
    const unknown = planChange("aws_iam_policy", { unknown: { policy: true, description: true } });

    expect(filled("synthesized", unknown)).toEqual({
      after: { policy: "synthesized" },
      unknown: { description: true },
    });
  });

  it.each([
    ["the plan contains", { after: { policy: "planned" }, unknown: {} }],
    ["the stack does not contain", { address: "aws_iam_policy.b", unknown: { policy: true } }],
  ])("keeps what %s", (_name, values) => {
    const change = planChange("aws_iam_policy", values);

    expect(filled("synthesized", change)).toEqual({ after: change.after, unknown: change.unknown });
    expect(fillUnknownPolicies(planOf([change]), "{}")).toEqual(planOf([change]));
  });

  const before = { name: "a", arn: "arn:a" };
  it.each([
    ["is replaced under its name", { kind: "replace", before, after: { name: "a" } }, "arn:a"],
    ["is kept", { kind: "keep", before, after: before }, "arn:a"],
    ["is renamed", { kind: "replace", before, after: { name: "b" } }, reference],
    ["is created", { kind: "create", after: { name: "a" } }, reference],
    ["is not in the plan", undefined, reference],
  ] as const)("names a resource that %s", (_name, target, expected) => {
    const policy = planChange("aws_iam_policy", { unknown: { policy: true } });
    const groups = target ? [planChange("aws_cloudwatch_log_group", target)] : [];

    expect(filled(`on ${reference}:log-stream:*`, policy, ...groups)?.after).toEqual({
      policy: `on ${expected}:log-stream:*`,
    });
  });
});
